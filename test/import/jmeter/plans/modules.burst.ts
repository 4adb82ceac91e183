import { HttpUser, csv, hold, ramp, scenario, task } from 'burst'

// TODO modules.jmx:74: CSVDataSet CSV Data Set Config: the first line of users.csv must name the columns: user,pass
const users = csv('users.csv', ['user', 'pass']).unique({ recycle: true })

class Buyers extends HttpUser {
  token = ''
  uid = ''
  pid = ''
  csrf = ''
  price = ''
  status = ''

  async onStart() {
    const usersRow = users.next()
    const body = await this.http
      .post('/login', {
        form: { user: usersRow.user, pass: usersRow.pass },
        headers: {
          Accept: 'application/json',
          'User-Agent': 'Apache-HttpClient/4.5',
          Authorization: `Bearer ${this.token}`,
        },
        timeout: 20,
      })
      .expect(200)
      .json()
    this.token = body.token
    this.uid = body.user.id
  }

  @task
  async buyers() {
    await this.step('Browse', async () => {
      await this.sleep(0.5 + 0.5 * this.random.next())
      await this.http.get('/', {
        headers: {
          Accept: 'application/json',
          'User-Agent': 'Apache-HttpClient/4.5',
          Authorization: `Bearer ${this.token}`,
        },
        timeout: 20,
      })
      for (let turn = 0; turn < 3; turn++) {
        await this.sleep(0.5 + 0.5 * this.random.next())
        this.pid = (
          await this.http
            .get('/products', {
              query: { page: this.random.int(1, 10), q: 'red hat' },
              headers: {
                Accept: 'application/json',
                'User-Agent': 'Apache-HttpClient/4.5',
                Authorization: `Bearer ${this.token}`,
              },
              timeout: 20,
            })
            .json()
        ).items[0].id
      }
    })
    if (this.pid !== '0' && Number(this.uid) > 0) {
      const response = await this.http
        .get('/products/:pid', {
          params: { pid: this.pid },
          headers: {
            Accept: 'application/json',
            'User-Agent': 'Apache-HttpClient/4.5',
            Authorization: `Bearer ${this.token}`,
          },
          timeout: 20,
        })
        .expect((found) => found.ok)
      this.csrf = /name="csrf" value="(.+?)"/.exec(response.body)?.[1] ?? ''
      this.price = /<b class="price">(.*?)<\/b>/.exec(response.body)?.[1] ?? ''
    }
    if (this.pid !== '0')
      await this.http.post('/cart', {
        body: `{"id": ${this.pid}, "n": ${this.random.int(1, 5)}, "ref": "${crypto.randomUUID()}", "at": ${Date.now()}, "day": "${new Date().toISOString().slice(0, 10)}"}`,
        headers: {
          Accept: 'application/json',
          'User-Agent': 'Apache-HttpClient/4.5',
          Authorization: `Bearer ${this.token}`,
        },
        timeout: 20,
      })
    while (this.status !== 'done' && 0 < 5) {
      await this.sleep(1)
      this.status = (
        await this.http
          .get('/orders/:pid/status', {
            params: { pid: this.pid },
            headers: {
              Accept: 'application/json',
              'User-Agent': 'Apache-HttpClient/4.5',
              Authorization: `Bearer ${this.token}`,
            },
            timeout: 20,
          })
          .json()
      ).status
    }
    if (this.random.chance(0.25))
      await this.http
        .post('/checkout', {
          form: { csrf: this.csrf },
          headers: {
            Accept: 'application/json',
            'User-Agent': 'Apache-HttpClient/4.5',
            Authorization: `Bearer ${this.token}`,
          },
          timeout: 20,
        })
        .expect({ under: '2000ms' })
    // TODO modules.jmx:359: ForeachController ForEach: this has no counterpart
    await this.http.get('/items/:id', {
      params: { id: this.vars.id ?? '' },
      headers: {
        Accept: 'application/json',
        'User-Agent': 'Apache-HttpClient/4.5',
        Authorization: `Bearer ${this.token}`,
      },
      timeout: 20,
    })
    // TODO modules.jmx:378: InterleaveControl Interleave: this has no counterpart
    await this.http.get('/a', {
      headers: {
        Accept: 'application/json',
        'User-Agent': 'Apache-HttpClient/4.5',
        Authorization: `Bearer ${this.token}`,
      },
      timeout: 20,
    })
    await this.http.get('/b', {
      headers: {
        Accept: 'application/json',
        'User-Agent': 'Apache-HttpClient/4.5',
        Authorization: `Bearer ${this.token}`,
      },
      timeout: 20,
    })
    // TODO modules.jmx:403: RandomOrderController Random Order: this has no counterpart
    await this.http.get('/c', {
      headers: {
        Accept: 'application/json',
        'User-Agent': 'Apache-HttpClient/4.5',
        Authorization: `Bearer ${this.token}`,
      },
      timeout: 20,
    })
    await this.http.get('/d', {
      headers: {
        Accept: 'application/json',
        'User-Agent': 'Apache-HttpClient/4.5',
        Authorization: `Bearer ${this.token}`,
      },
      timeout: 20,
    })
    // TODO modules.jmx:426: SwitchController Switch: this has no counterpart
    await this.http.get('/e', {
      headers: {
        Accept: 'application/json',
        'User-Agent': 'Apache-HttpClient/4.5',
        Authorization: `Bearer ${this.token}`,
      },
      timeout: 20,
    })
    await this.http.get('/f', {
      headers: {
        Accept: 'application/json',
        'User-Agent': 'Apache-HttpClient/4.5',
        Authorization: `Bearer ${this.token}`,
      },
      timeout: 20,
    })
    // TODO modules.jmx:451: RunTime Runtime: this has no counterpart
    await this.http.get('/g', {
      headers: {
        Accept: 'application/json',
        'User-Agent': 'Apache-HttpClient/4.5',
        Authorization: `Bearer ${this.token}`,
      },
      timeout: 20,
    })
    // TODO modules.jmx:466: TestAction Flow Control Action: only pauses are translated
    // TODO modules.jmx:472: ModuleController Module: the plan has no module No such
    // TODO modules.jmx:480: IncludeController Include: this has no counterpart
  }
}

// TODO modules.jmx:48: CookieManager HTTP Cookie Manager: send the cookies consent with headers: { cookie: … }
// TODO modules.jmx:48: CookieManager HTTP Cookie Manager: here a user keeps its cookies from iteration to iteration
export default scenario({
  host: 'https://shop.example.com',
  users: [Buyers],
  load: [ramp(10, '30s'), hold('270s')],
})
