import { HttpUser, between, scenario, task } from 'burst'

class Nested extends HttpUser {
  wait = between(1, 3)

  @task
  async adminUsers() {
    await this.http.get('/users')
    await this.http.post('/users', { json: { name: 'Ann' } })
  }

  @task
  async adminReports() {
    await this.http.get('/reports/daily')
  }

  @task
  async admin() {
    await this.http.get('/status')
  }
}

export default scenario({
  host: 'https://a.example.com',
  users: [Nested],
})
