import { HttpUser, between, hold, ramp, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async visit() {
    await this.http.get('/public/crocodiles/').check({
      'status is 200': (r) => r.status === 200,
      'has crocodiles': (r) => r.json().items.length > 0,
      'is fast': (r) => r.latencyMs < 800,
    })

    // One of them.
    const id = Math.floor(Math.random() * 8) + 1
    await this.http
      .get('/public/crocodiles/:id/', { params: { id }, name: 'OneCrocodile' })
      .check('one is there', (r) => r.status == 200)
  }
}

export default scenario({
  host: 'https://test.k6.io',
  users: [Visitor],
  load: [ramp(20, '30s'), hold('90s'), ramp(0, '20s')],
  thresholds: [
    'p95 < 500ms',
    'p99 < 1500ms',
    'errors < 1%',
    'check:status is 200: errors < 5%',
    'check:has crocodiles: errors < 5%',
    'check:is fast: errors < 5%',
    'check:one is there: errors < 5%',
  ],
})
