import { createHmac } from 'node:crypto'
import { HttpUser, between, scenario, task } from 'burst'

class SignedOrders extends HttpUser {
  wait = between(1, 3)
  orderId: any = ''
  timestamp = ''
  amount: any = ''
  day = ''
  email = ''
  name: any = ''
  cartName: any = ''
  orderNumber = ''
  tries: any = ''
  sessionToken: any = ''
  clock: any = ''
  accessToken: any = ''
  tokenExpires: any = ''

  /** Order, then Follow */
  @task
  async order() {
    await this.beforeRequest()
    // a fresh order
    const orderId = crypto.randomUUID()
    this.orderId = orderId
    this.timestamp = Math.floor(Date.now() / 1000).toString()
    this.amount = this.random.int(100, 999)
    this.day = new Date().toISOString().slice(0, 10)
    this.email = `${'FirstName ' + this.random.int(0, 9999)}@example.com`

    let name = 'guest'
    if (Math.random() > 0.5) name = 'member'
    this.name = name

    const payload = `${this.orderId}.${this.timestamp}`
    const signature = createHmac('sha256', this.vars.api_secret ?? '')
      .update(payload)
      .digest('base64')
    const response = await this.http
      .post('/api/orders', {
        json: { id: this.orderId, amount: Number(this.amount), by: this.name, email: this.email },
        headers: { 'X-Timestamp': this.timestamp, 'X-Signature': signature, 'X-Day': this.day },
      })
      .check('created', (response) => [200, 201].includes(response.status))
    const {
      id,
      data: { cart },
    } = response.json()
    this.cartName = cart.name
    this.orderNumber = `${id}-${cart.name}`
    const tries = Number(this.tries || 0) + 1
    this.tries = tries
    await this.beforeRequest()
    const res = await this.http
      .post('/session', {
        json: { user: 'ann', password: this.vars.password ?? '' },
        headers: { Accept: 'application/json' },
      })
      .check('status is below 400', (found) => found.ok)
    if (!res.error) this.sessionToken = res.json().access_token
    const response2 = await this.http.get('/clock').check('status is below 400', (found) => found.ok)
    // TODO prepared.json: Follow: write this assertion as a check of the request: pm.expect(error).to.equal(null);
    if (response2.status === 200) this.clock = response2.headers.get('date') ?? ''
    await this.sleep(0.02)
    // TODO prepared.json: Follow: a task sends its requests in the order of the collection: postman.setNextRequest("Follow");
    // TODO prepared.json: Follow: this loop would stop all users of the worker; write await this.sleep(…): while (Date.now() - start < 100) {}
    await this.http
      .get('/api/orders/:orderNumber', {
        params: { orderNumber: this.orderNumber },
        headers: {
          Authorization: `Bearer ${this.sessionToken}`,
          'X-Clock': this.clock,
          'X-Cart': this.cartName,
          'X-Tries': this.tries,
        },
      })
      .check('still a hat', (response) => response.json().name === 'hat')
  }

  async beforeRequest() {
    const expires = Number(this.tokenExpires || 0)
    if (expires < Date.now()) {
      const res = await this.http
        .post('/token', {
          form: { grant_type: 'client_credentials', client_id: this.vars.client_id ?? '' },
          headers: { Accept: 'application/json' },
        })
        .check('status is below 400', (found) => found.ok)
      this.accessToken = res.json().access_token
      this.tokenExpires = Date.now() + 60 * 1000
    }
    this.http.headers.set('X-Request-Id', crypto.randomUUID())
    this.http.headers.set('X-Access', 'Token ' + this.accessToken)
  }
}

export default scenario({
  host: 'https://pay.example.com',
  users: [SignedOrders],
})
