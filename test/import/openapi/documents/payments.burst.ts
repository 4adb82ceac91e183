import { HttpUser, between, scenario, task } from 'burst'

class Payments extends HttpUser {
  wait = between(1, 3)

  @task
  async listPayments() {
    await this.http
      .get('/v2/payments', {
        query: { 'created[gte]': '2025-03-01', 'created[lt]': '2025-04-01', limit: 20 },
        headers: { 'X-Trace': 'abc-123', authorization: `Bearer ${this.vars.oauth ?? ''}` },
      })
      .expect(200)
  }

  @task
  async createPayment() {
    await this.http
      .post('/v2/payments', {
        json: {
          amount: { value: 1999, currency: 'EUR' },
          method: { type: 'card', number: '4111111111111111', expiry: '12/30' },
          metadata: { order: 'A-17' },
        },
        headers: {
          'X-Trace': 'abc-123',
          'Idempotency-Key': '3fa85f64-5717-4562-b3fc-2c963f66afa6',
          authorization: `Bearer ${this.vars.oauth ?? ''}`,
        },
      })
      .expect(201)
  }

  @task
  async getPayment() {
    await this.http
      .get('/v2/payments/:id', { params: { id: 'pay_aaaaaaaa' }, headers: { 'X-Api-Key': this.vars.apiKey ?? '' } })
      .expect(200)
  }

  @task
  async updatePayment() {
    await this.http
      .patch('/v2/payments/:id', {
        params: { id: 'pay_aaaaaaaa' },
        json: { description: 'description', metadata: { key: 'key' } },
        headers: { 'content-type': 'application/merge-patch+json', authorization: `Bearer ${this.vars.oauth ?? ''}` },
      })
      .expect(200)
  }
}

class Refunds extends HttpUser {
  wait = between(1, 3)

  async onStart() {
    this.http.headers.set('authorization', `Bearer ${this.vars.oauth ?? ''}`)
  }

  @task
  async postPaymentsByIdRefunds() {
    await this.http
      .post('/v2/payments/:id/refunds', {
        params: { id: 'pay_12345678' },
        form: { reason: 'requested_by_customer', amount: 1 },
      })
      .expect(201)
  }

  /** Deprecated. */
  @task
  async putPaymentsByIdReceipt() {
    // TODO payments.yaml: PUT /payments/{id}/receipt: file: the document does not contain the content of the file
    await this.http
      .put('/v2/payments/:id/receipt', {
        params: { id: 'pay_12345678' },
        multipart: { file: { content: 'TODO', filename: 'file', type: 'application/pdf' }, note: 'note' },
      })
      .expect(204)
  }
}

class Payments2 extends HttpUser {
  wait = between(1, 3)

  @task
  async getHealth() {
    await this.http.get('/v2/health').expect(200)
  }
}

// TODO payments.yaml: security oauth (oauth2): set the token with --var oauth=…
// TODO payments.yaml: security apiKey (apiKey): set the key with --var apiKey=…
export default scenario({
  host: 'https://eu.pay.example.com',
  users: [Payments, Refunds, Payments2],
})
