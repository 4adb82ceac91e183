import { createHash } from 'node:crypto'
import { HttpUser, between, scenario, task } from 'burst'

/** Returns the items, sorted by their keys. */
function sortedBy<T = any>(items: readonly T[], keyOf: (item: T) => any = (item) => item): T[] {
  const compare = (a: any, b: any): number => {
    if (!Array.isArray(a)) return a < b ? -1 : Number(a > b)
    return a.map((one, index) => compare(one, b[index])).find((order) => order !== 0) ?? 0
  }
  return items.toSorted((a, b) => compare(keyOf(a), keyOf(b)))
}

abstract class AuthMixin extends HttpUser {
  realm = 'shop'
  session = ''
  userId: any

  async signIn() {
    const secret = Buffer.from(`${this.realm}:${this.userId}`).toString('base64')
    const response = await this.http
      .post('/auth', { json: { realm: this.realm }, headers: { Authorization: `Basic ${secret}` } })
      .expect((response) => response.ok)
    this.session = response.headers.get('X-Session') ?? 'none'
  }

  authHeaders() {
    return { 'X-Session': this.session, 'X-Digest': createHash('md5').update(this.session).digest('hex') }
  }
}

abstract class BaseUser extends AuthMixin {
  static counters: Record<string, any> = {}
  wait = between('1s', '2s')
  getJson: any

  async onStart() {
    this.userId = this.random.int(1000, 9998)
    this.getJson = (url: any) =>
      this.http
        .get(url, { headers: { Accept: 'application/json' } })
        .check('status is below 400', (response) => response.ok)
    await this.signIn()
  }

  count(what: string, by = 1) {
    BaseUser.counters[what] = (BaseUser.counters[what] ?? 0) + by
    return BaseUser.counters[what]
  }
}

class Buyer extends BaseUser {
  static weight = 4
  realm = 'buyers'

  @task(3)
  async look() {
    const number_ = this.count('look')
    await this.http.get('/offers', { query: { page: number_ % 5 }, headers: this.authHeaders() })
  }

  @task
  async buy() {
    const offers = await this.http.get('/offers', { headers: this.authHeaders() }).json()
    const cheapest = sortedBy(offers.items, (offer: any) => offer.id).at(0)!
    const ordered = sortedBy(offers.items, (offer: any) => [offer.name, -offer.id]).toReversed()
    await this.http
      .post('/offers/:id/buy', {
        params: { id: cheapest.id },
        json: { count: ordered.length },
        headers: this.authHeaders(),
      })
      .expect((response) => {
        if (response.status >= 500) throw new Error('server error')
        if (!response.json().id) throw new Error('no id')
      })
  }
}

class Admin extends BaseUser {
  static count = 1

  @task
  async report() {
    await this.http.get('/report', { auth: { user: 'admin', password: 'secret' }, headers: this.authHeaders() })
  }

  async onStop() {
    await this.http.post('/logout', { headers: this.authHeaders() })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Buyer, Admin],
})
