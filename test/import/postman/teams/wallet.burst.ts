import { createHmac } from 'node:crypto'
import { HttpUser, type Response, between, scenario, task } from 'burst'

const checksOfEachRequest: Record<string, (response: Response) => boolean> = {
  'is fast': (response) => response.latencyMs < 1500,
}

class WalletApi extends HttpUser {
  wait = between(1, 3)
  accessToken: any = ''
  paymentId: any = ''
  deviceId = ''
  stamp: any = ''

  async onStart() {
    await this.beforeRequest()
    const response = await this.http
      .post('/api/session', {
        form: {
          grant_type: 'password',
          username: `user${this.random.int(0, 9999)}@example.com`,
          password: this.vars.password ?? '',
        },
        headers: { 'X-Device': this.deviceId },
      })
      .check(checksOfEachRequest)
      .check('Status is 200 or 201', (response) => [200, 201].includes(response.status))
    const { access_token: token } = response.json()
    this.accessToken = token
  }

  @task
  async payments() {
    await this.beforeRequest()
    await this.beforePaymentsRequest()
    const response = await this.http
      .get('/api/payments', {
        query: { from: '2026-01-01', limit: this.random.int(0, 1000) },
        headers: { 'X-Stamp': this.stamp },
        auth: { bearer: this.accessToken },
      })
      .check(checksOfEachRequest)
      .check('has a cart', (response) => {
        const data = response.json().data
        return data.cart !== undefined && typeof data.cart.id === 'number'
      })
    const { data } = response.json()

    this.paymentId = data.id
    // TODO wallet.json: Payments / List payments: a task sends its requests in the order of the collection: if (!data.id) { postman.setNextRequest(null); }
    await this.beforeRequest()
    await this.beforePaymentsRequest()
    await this.http
      .post('/api/payments/:paymentId/confirm', {
        params: { paymentId: this.paymentId },
        body: this.vars.paymentBody ?? '',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
        auth: { bearer: this.accessToken },
      })
      .check(checksOfEachRequest)
      .check(
        'paid as Pay',
        (response) => response.status === 200 && (response.headers.get('content-type') ?? '').includes('json'),
      )
  }

  async beforeRequest() {
    if (!this.deviceId) this.deviceId = crypto.randomUUID()
  }

  async beforePaymentsRequest() {
    // TODO wallet.json: Payments: a scenario cannot read the request that it sends: const body = pm.request.body ? pm.request.body.raw : '';
    const stamp = Math.floor(Date.now() / 1000).toString()
    this.stamp = stamp
    // TODO wallet.json: Payments: a scenario cannot read the request that it sends: const signature = CryptoJS.HmacSHA256(stamp + '.' + pm.request.method, pm.environ…
    const signature = createHmac('sha256', this.vars.secret ?? '')
      .update('TODO' as any)
      .digest('hex')
    this.http.headers.set('X-Signature', signature)
  }
}

export default scenario({
  host: 'https://wallet.example.com',
  users: [WalletApi],
})
