import { HttpUser, between, scenario, task } from 'burst'

class Old extends HttpUser {
  wait = between(1, 3)

  @task
  async old() {
    // TODO v20.json: Old: password: set the secret with --var password=…
    await this.http
      .get('/a', { query: { b: '1' }, auth: { user: 'ann', password: this.vars.password ?? '' } })
      .check('x', (response) => response.status === 200)
  }
}

export default scenario({
  host: 'https://old.example.com',
  users: [Old],
})
