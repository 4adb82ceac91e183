import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async postV1Payments() {
    await this.http.post('/v1/payments', {
      json: {
        amount: 1250,
        currency: 'EUR',
        ['__proto__']: { polluted: true },
        lines: [
          { sku: 'a-1', count: 2 },
          { sku: 'b-2', count: 1 },
        ],
      },
      headers: { 'Idempotency-Key': '5' },
    })
  }

  @task
  async postV1Notes() {
    await this.http.post('/v1/notes', { json: { text: 'from a here document' } })
  }
}

export default scenario({
  host: 'https://api.example.net',
  users: [Visitor],
})
