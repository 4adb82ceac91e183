import { HttpUser, arrivals, rampArrivals, scenario, task } from 'burst'

function headersFor(session: any, type: any = 'text/plain') {
  const headers: Record<string, any> = { accept: 'application/json', 'content-type': type }
  if (session && session.token) headers.authorization = `Bearer ${session.token}`
  return headers
}

class Search extends HttpUser {
  @task
  async search() {
    const response = await this.http
      .get('/v2/items/:random', { params: { random: Math.ceil(Math.random() * 9) }, query: { sort: 'name' } })
      .check('found', (r) => r.status === 200)
    this.record({ method: 'TREND', name: 'search_time', ms: response.latencyMs })
    const ok = response.status === 200
    if (ok) {
      const item = response.json()
      console.log(`found ${item.name}`)
    }
  }
}

class Order extends HttpUser {
  static weight = 20

  @task
  async order() {
    const ids = [1, 2, 3]
    for (const [index, id] of ids.entries()) {
      const res = await this.http
        .patch('/v2/orders/:id', {
          params: { id },
          json: { index, region: this.vars.REGION ?? '' },
          headers: headersFor(this.data, 'application/json'),
        })
        .check('status is below 400', (response) => response.ok)
      if (res.status !== 200 && res.status !== 201) {
        console.error(`order ${id}: ${res.status} ${res.body}`)
        continue
      }
      await this.sleep(0.2)
    }
  }
}

// TODO arrivals.ts:27: env is not translated: set its variables with --var: order: {
// TODO arrivals.ts:41: the threshold of http_req_waiting has no counterpart: thresholds: { search_time: ['p(95)<250', 'max<2000'], http_req_waiting: ['p(95)<200'…
export default scenario({
  host: 'https://api.example.com',
  users: [Search, Order],
  load: [
    arrivals(0.5, '1m', { maxUsers: 70 }),
    rampArrivals(1.5, 10.5, '2m', { maxUsers: 70 }),
    rampArrivals(10.5, 0.5, '30s', { maxUsers: 70 }),
    arrivals(0.5, '90s', { maxUsers: 70 }),
  ],
  thresholds: ['TREND search_time: p95 < 250ms', 'TREND search_time: max < 2s'],
})
