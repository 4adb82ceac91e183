import { randomBytes } from 'node:crypto'
import { HttpUser, type Response, between, scenario, task } from 'burst'

const limits = {
  SYMBOLS: ['BTC', 'ETH'],
}
const payload = randomBytes(64)

async function signUp(user: HttpUser, name: string) {
  await user.http.post('/sign-up', { form: { name } }).expect(201)
  return true
}

/** Returns the value of a cookie that the response sets. */
function cookieOf({ headers }: Response, name: string): string | undefined {
  const cookie = headers.getSetCookie().find((one) => one.startsWith(`${name}=`))
  return cookie?.slice(name.length + 1).split(';')[0]
}

class Shopper extends HttpUser {
  wait = between('1s', '2s')
  private created = false

  async onStart() {
    const page = await this.http.get('/login')
    const csrf = cookieOf(page, 'csrftoken') ?? ''
    await this.http.post('/login', { form: { csrf, lang: cookieOf(page, 'lang') ?? 'en' } })
    this.created = await signUp(this, 'ann')
  }

  @task
  async pay(amount: any = null) {
    if (amount == null) amount = this.random.int(1, 9)
    await this.http.post('/pay', { json: { amount } })
  }

  @task
  async payTwice() {
    if (this.created) await this.pay(20)
    await this.pay()
  }

  @task
  async redirected() {
    await this.http.get('/orders').expect((response) => {
      // TODO returning_blocks.py:48: for old in response.history: found |= old.status_code == 302
      // TODO returning_blocks.py:50: this condition depends on a value that is not translated: if not found: response.failure("no redirect")
    })
  }

  @task
  async stock() {
    const response = await this.http.get('/stock').expect((response) => {
      if (response.status !== 404 && response.json().count < 0) throw new Error('negative')
    })
    if (response.status === 404) return
    for (const symbol_ of limits.SYMBOLS.map((one: any) => one.toLowerCase())) {
      await this.http.get('/ticker/:symbol', { params: { symbol: symbol_ } })
    }
    await this.http.put('/raw', { body: payload })
  }

  @task
  async unknownPage() {
    await this.http.get('/links')
    // TODO returning_blocks.py:68: PyQuery(r.content)
    // TODO returning_blocks.py:69: for link in pq("a.item").items(): self.client.get(link.attr("href"))
    // TODO returning_blocks.py:70: this request is not sent: self.client.get(link.attr("href"))
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Shopper],
})
