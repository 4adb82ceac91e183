import { HttpUser, between, csv, hold, json, ramp, scenario, task } from 'burst'

const accounts = csv('./accounts.csv', ['email', 'password']).random()
const words = json<Record<string, any>>('./words.json').random()
const kinds = ['hat', 'shoe', 'scarf']

/** Records each check as a sample, because the checks do not belong to a request. Returns true if all checks hold. */
function checkAll<T>(user: HttpUser, value: T, checks: Readonly<Record<string, (value: T) => boolean>>): boolean {
  const results = Object.entries(checks).map(([name, holds]) => ({ name, isHeld: holds(value) }))
  for (const { name, isHeld } of results) {
    user.record({ method: 'CHECK', name, ms: 0, error: isHeld ? null : 'does not hold' })
  }
  return results.every(({ isHeld }) => isHeld)
}

abstract class AnyVisitor extends HttpUser {
  async login(email: any, password: any) {
    return (await this.http.post('/login', { form: { email, password } }).json()).access_token
  }

  async placeOrder(token: any, order: any) {
    return await this.http
      .post('/orders', { json: order, headers: { Authorization: 'Bearer ' + token } })
      .check('status is below 400', (response) => response.ok)
  }
}

class Browse extends AnyVisitor {
  static weight = 3
  wait = between(1, 3)

  @task(1, { tags: ['browse'] })
  async browse() {
    const word = words.next()
    await this.http.get('/search', { query: { q: word.text, kind: this.random.pick(kinds) } })
    await Promise.all([
      this.http.get('/static/app.css').check('css loaded', (r) => r.status === 200),
      this.http.get('/static/app.js').check('js loaded', (r) => r.status === 200),
    ])
  }
}

class Buy extends AnyVisitor {
  @task(1, { tags: ['buy'] })
  async buy() {
    const account = accounts.next()
    const token = await this.login(account.email, account.password)
    const order = await this.placeOrder(token, {
      id: crypto.randomUUID(),
      by: this.index + 1,
      at: new Date().toISOString(),
    })
    checkAll(this, order, { 'order placed': (r) => r.status === 200, 'order has an id': (r) => r.body.includes('id') })
  }
}

export default scenario({
  users: [Browse, Buy],
  load: [ramp(10, '0s'), ramp(40, '10s'), hold('1m')],
  thresholds: [
    'tag:buy: p90 < 800ms',
    'tag:buy: max < 5s',
    'GET /search: p50 < 200ms',
    'tag:browse: errors < 2%',
    'CHECK order placed: errors < 1%',
  ],
})
