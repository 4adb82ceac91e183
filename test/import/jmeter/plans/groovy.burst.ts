import { HttpUser, type Random, hold, ramp, scenario, task } from 'burst'

/** Returns a normally distributed random number with mean 0 and standard deviation 1. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

class Api extends HttpUser {
  iteration = 0
  rid = ''
  ts = 0
  orderId = ''
  ids: string[] = []

  @task
  async api() {
    this.iteration++
    // TODO groovy.jmx:21: AuthManager 'HTTP Authorization Manager': write auth: { user, password } at each request
    await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
    this.beforeRequest()
    const json = await this.http
      .post('/orders', {
        body: `{"rid":"${this.rid}","ts":${this.ts},"email":"user${this.index + 1}_${this.iteration}@example.com"}`,
        headers: { 'X-Request-Id': this.rid },
      })
      .expect((response) => /^(?:OPEN)$/.test(String(response.json().status)))
      .expect((response) => response.json().status === 'OPEN', 'not open')
      .json()
    this.orderId = String(json.order.id)
    // TODO groovy.jmx:83: this script is not translated: vars.put("total", String.valueOf(json.items.sum { it.price }))
    console.log(`order ${this.orderId}`)
    await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
    this.beforeRequest()
    const body = await this.http
      .get('/orders/:orderId', {
        params: { orderId: this.orderId },
        query: { expand: 'items', total: this.vars.total ?? '' },
      })
      .expect((response) => response.status === 200)
      .json()
    this.ids = body.items.map((one: any) => one.id)
    for (const itemId of this.ids) {
      await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
      await this.sleep(Math.max(0, 0.3 + 0.1 * drawNormal(this.random)))
      this.beforeRequest()
      await this.http.get('/items/:itemId', { params: { itemId } })
    }
    for (let turn = 0; turn < this.ids.length; turn++) {
      await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
      this.beforeRequest()
      await this.http.get('/again/:part', { params: { part: 2 } })
    }
    await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
    this.beforeRequest()
    await this.http
      .patch('/orders/:orderId', { params: { orderId: this.orderId }, body: '{"status":"CLOSED"}' })
      .expect([200, 204])
      .expect((response) => !/error/.test(response.body))
    await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
    this.beforeRequest()
    await this.http.get('/admin/stats')
    // TODO groovy.jmx:241: ConstantThroughputTimer 'CTT': write wait = pacing(…), or load: [arrivals(…)]
    // TODO groovy.jmx:249: SyncTimer 'Sync': this element has no counterpart
  }

  private beforeRequest() {
    this.rid = crypto.randomUUID()
    this.ts = Date.now()
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Api],
  load: [ramp(20, '10s'), hold('110s')],
})
