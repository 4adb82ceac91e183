import { HttpUser, csv, hold, ramp, scenario, task } from 'burst'

// TODO modules.jmx:74: CSVDataSet 'CSV Data Set Config': the first line of users.csv must name the columns: user,pass
const users = csv('users.csv', ['user', 'pass']).unique({ recycle: true })

/** Returns the items in random order. burst seeds Math.random inside a user. */
function inRandomOrder<T>(items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]!)
}

class Buyers extends HttpUser {
  token = ''
  uid = ''
  pid = ''
  csrf = ''
  price = ''
  status = ''
  turn = 0

  async onStart() {
    this.http.headers.set('Accept', 'application/json')
    this.http.headers.set('User-Agent', 'Apache-HttpClient/4.5')
    const usersRow = users.next()
    const body = await this.http
      .post('/login', {
        form: { user: usersRow.user, pass: usersRow.pass },
        headers: { Authorization: `Bearer ${this.token}` },
        timeout: 20,
      })
      .expect(200)
      .json()
    this.token = body.token ?? 'NONE'
    this.uid = body.user?.id ?? '0'
  }

  @task
  async buyers() {
    await this.step('Browse', async () => {
      await this.sleep(0.5 + 0.5 * this.random.next())
      await this.http.get('/', { headers: { Authorization: `Bearer ${this.token}` }, timeout: 20 })
      for (let turn = 0; turn < 3; turn++) {
        await this.sleep(0.5 + 0.5 * this.random.next())
        const body = await this.http
          .get('/products', {
            query: { page: this.random.int(1, 10), q: 'red hat' },
            headers: { Authorization: `Bearer ${this.token}` },
            timeout: 20,
          })
          .json()
        this.pid = body.items?.[0]?.id ?? '0'
      }
    })
    if (this.pid !== '0' && Number(this.uid) > 0) {
      const response = await this.http
        .get('/products/:pid', {
          params: { pid: this.pid },
          headers: { Authorization: `Bearer ${this.token}` },
          timeout: 20,
        })
        .expect((found) => found.ok)
      this.csrf = /name="csrf" value="(.+?)"/.exec(response.body)?.[1] ?? ''
      this.price = /<b class="price">(.*?)<\/b>/.exec(response.body)?.[1] ?? ''
    }
    if (this.pid !== '0')
      await this.http.post('/cart', {
        body: `{"id": ${this.pid}, "n": ${this.random.int(1, 5)}, "ref": "${crypto.randomUUID()}", "at": ${Date.now()}, "day": "${new Date().toISOString().slice(0, 10)}"}`,
        headers: { Authorization: `Bearer ${this.token}` },
        timeout: 20,
      })
    while (this.status !== 'done' && Number(this.vars.tries ?? '0') < 5) {
      await this.sleep(1)
      const body = await this.http
        .get('/orders/:pid/status', {
          params: { pid: this.pid },
          headers: { Authorization: `Bearer ${this.token}` },
          timeout: 20,
        })
        .json()
      this.status = body.status ?? 'pending'
    }
    if (this.random.chance(0.25))
      await this.http
        .post('/checkout', {
          form: { csrf: this.csrf },
          headers: { Authorization: `Bearer ${this.token}` },
          timeout: 20,
        })
        .expect({ under: '2000ms' })
    // TODO modules.jmx:359: ForeachController 'ForEach': replace 'TODO' in this list with the values of ids_1, ids_2 …
    for (const id of ['TODO']) {
      await this.http.get('/items/:id', {
        params: { id },
        headers: { Authorization: `Bearer ${this.token}` },
        timeout: 20,
      })
    }
    switch (this.turn++ % 2) {
      case 0:
        await this.http.get('/a', { headers: { Authorization: `Bearer ${this.token}` }, timeout: 20 })
        break
      case 1:
        await this.http.get('/b', { headers: { Authorization: `Bearer ${this.token}` }, timeout: 20 })
        break
    }
    const parts = [
      async () => {
        await this.http.get('/c', { headers: { Authorization: `Bearer ${this.token}` }, timeout: 20 })
      },
      async () => {
        await this.http.get('/d', { headers: { Authorization: `Bearer ${this.token}` }, timeout: 20 })
      },
    ]
    for (const part of inRandomOrder(parts)) {
      await part()
    }
    switch (this.random.int(0, 1)) {
      case 0:
        await this.http.get('/e', { headers: { Authorization: `Bearer ${this.token}` }, timeout: 20 })
        break
      case 1:
        await this.http.get('/f', { headers: { Authorization: `Bearer ${this.token}` }, timeout: 20 })
        break
    }
    const end = Date.now() + 10000
    while (Date.now() < end) {
      await this.http.get('/g', { headers: { Authorization: `Bearer ${this.token}` }, timeout: 20 })
    }
    await this.sleep(this.random.int(500, 1500) / 1000)
    // TODO modules.jmx:472: ModuleController 'Module': the plan has no module 'No such'
    // TODO modules.jmx:480: IncludeController 'Include': common.jmx is not included; import it separately, and copy its steps
  }
}

// TODO modules.jmx:48: CookieManager 'HTTP Cookie Manager': send the cookies consent with headers: { cookie: … }
// TODO modules.jmx:48: CookieManager 'HTTP Cookie Manager': in burst, a user keeps its cookies from iteration to iteration
export default scenario({
  host: 'https://shop.example.com',
  users: [Buyers],
  load: [ramp(10, '30s'), hold('270s')],
})
