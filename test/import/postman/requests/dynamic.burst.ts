import { HttpUser, between, scenario, task } from 'burst'

class Dynamic extends HttpUser {
  wait = between(1, 3)
  x: any = ''
  orderId = ''
  trace = ''

  /** Create, then Get */
  @task
  async create() {
    this.x = Date.now()
    const response = await this.http
      .post('/orders', {
        json: {
          at: Number(Math.trunc(Date.now() / 1000)),
          who: 'FirstName ' + this.random.int(0, 9999),
          when: new Date().toISOString(),
          n: Number(this.random.int(0, 1000)),
        },
        headers: { 'X-Request-Id': crypto.randomUUID() },
      })
      .check('ok', (response) => response.status === 200 && response.json().items.length > 0)
      .expect((found) => found.ok)
    this.orderId = response.json().data.id
    this.trace = response.headers.get('content-type') ?? ''
    await this.http.get('/orders/:orderId', { params: { orderId: this.orderId }, headers: { 'X-Trace': this.trace } })
  }
}

export default scenario({
  host: 'https://d.example.com',
  users: [Dynamic],
})
