import { HttpUser, between, scenario, task } from 'burst'

class Tickets extends HttpUser {
  wait = between(1, 3)

  async onStart() {
    this.http.headers.set('authorization', `Bearer ${this.vars.oauth ?? ''}`)
  }

  /** Lists tickets. */
  @task
  async listTickets() {
    await this.http
      .get('/v2/tickets', { query: { limit: 20 }, headers: { 'X-Trace-Id': '3fa85f64-5717-4562-b3fc-2c963f66afa6' } })
      .expect(200)
  }

  @task
  async createTicket() {
    await this.http
      .post('/v2/tickets', {
        json: { kind: 'incident', title: 'Printer is on fire', priority: 1, watchers: ['ann', 'bob'] },
        headers: { 'X-Trace-Id': '3fa85f64-5717-4562-b3fc-2c963f66afa6' },
      })
      .expect(201)
  }

  @task
  async getTicket() {
    await this.http
      .get('/v2/tickets/:ticketId', { params: { ticketId: '3fa85f64-5717-4562-b3fc-2c963f66afa6' } })
      .expect(200)
  }

  @task
  async updateTicket() {
    await this.http
      .patch('/v2/tickets/:ticketId', {
        params: { ticketId: '3fa85f64-5717-4562-b3fc-2c963f66afa6' },
        json: { state: 'closed', labels: ['labels', 'labels2'] },
        headers: { 'content-type': 'application/merge-patch+json' },
      })
      .expect(200)
  }

  @task
  async attach() {
    // TODO tickets.yaml: POST /tickets/{ticketId}/files: file: the document does not contain the content of the file
    await this.http
      .post('/v2/tickets/:ticketId/files', {
        params: { ticketId: '3fa85f64-5717-4562-b3fc-2c963f66afa6' },
        multipart: { file: { content: 'TODO', filename: 'file', type: 'image/png' }, note: 'from the phone' },
      })
      .expect(201)
  }
}

// TODO tickets.yaml: security oauth (oauth2): set the token with --var oauth=…
export default scenario({
  host: 'https://eu.tickets.example.com',
  users: [Tickets],
})
