import { createHmac } from 'node:crypto'
import { HttpUser, between, scenario, task } from 'burst'

class Payments extends HttpUser {
  wait = between(1, 3)
  accessToken = ''
  expiresAt: any = ''
  amount: any = ''
  paymentId: any = ''
  location = ''
  count: any = ''
  now: any = ''

  async onStart() {
    const response = await this.http
      .post(`https://${this.vars.tenant ?? ''}.auth.example.com/oauth/token`, {
        form: {
          grant_type: 'client_credentials',
          client_id: this.vars.client_id ?? '',
          client_secret: this.vars.client_secret ?? '',
        },
        auth: { user: this.vars.client_id ?? '', password: this.vars.client_secret ?? '' },
        name: '/oauth/token',
      })
      .check('status is below 400', (response) => response.ok)
    const res = response.json()
    this.accessToken = res.access_token
    this.expiresAt = Date.now() + res.expires_in * 1000
  }

  @task
  async payments() {
    await this.beforePaymentsRequest()
    this.amount = this.random.int(100, 900)
    // TODO oauth_folders.json: Payments / Create payment: a scenario cannot read the request that it sends: const sig = CryptoJS.HmacSHA256(pm.request.body.raw, pm.e…
    const sig = createHmac('sha256', this.vars.secret ?? '')
      .update('TODO' as any)
      .digest('hex')
    const response = await this.http
      .post('/payments', {
        body: `{\n  // amount in cents\n  "amount": ${this.amount},\n  "currency": "EUR",\n  "reference": "${crypto.randomUUID()}",\n  "created": "${new Date().toISOString()}",\n  "tags": ["${this.vars.tag ?? ''}", "x"]\n}`,
        headers: { 'Idempotency-Key': crypto.randomUUID(), 'Content-Type': 'application/json', 'X-Signature': sig },
        auth: { bearer: this.accessToken },
      })
      .check({
        created: (response) => response.status === 201,
        'has id': (response) => response.body.includes('id'),
      })
    const {
      id,
      links: [first],
    } = response.json()
    this.paymentId = id
    this.location = response.headers.get('location') ?? ''
    await this.beforePaymentsRequest()
    await this.http
      .get('/payments/:paymentId', { params: { paymentId: this.paymentId }, auth: { bearer: this.accessToken } })
      .check({
        ok: (response) => response.status === 200,
        paid: (response) => response.json().status === 'PAID',
      })
    const count = Number(this.count || 0) + 1
    this.count = count
    await this.beforePaymentsRequest()
    await this.http.post('/payments/:paymentId/refunds', {
      params: { paymentId: this.paymentId },
      body: `<refund id="${this.paymentId}"/>`,
      headers: { 'Content-Type': 'application/xml' },
      auth: { bearer: this.accessToken },
    })
    await this.beforePaymentsRequest()
    // TODO oauth_folders.json: Payments / Digest: auth digest: only bearer, basic and apikey are translated
    await this.http.get('/digest')
    await this.beforePaymentsRequest()
    // TODO oauth_folders.json: Payments / Aws: auth awsv4: only bearer, basic and apikey are translated
    await this.http.get('/aws')
    await this.beforePaymentsRequest()
    await this.http.get('/oauth', { auth: { bearer: this.accessToken } })
    await this.beforePaymentsRequest()
    const response2 = await this.http
      .get('https://echo.example.com/now')
      .check('status is below 400', (found) => found.ok)
    this.now = response2.json().now
    await this.http.post('/notify', { body: `plain ${this.paymentId}`, auth: { bearer: this.accessToken } })
  }

  async beforePaymentsRequest() {
    if (!this.accessToken) throw new Error('no token')
  }
}

// TODO set the host with -H: https://<tenant>.api.example.com
export default scenario({
  users: [Payments],
})
