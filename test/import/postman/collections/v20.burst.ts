import { HttpUser, between, scenario, task } from 'burst'

class Old extends HttpUser {
  wait = between(1, 3)

  @task
  async old() {
    // TODO v20.json: Old: tests['x'] = responseCode.code === 200;
    // TODO v20.json: Old: password: set the secret with --var password=…
    await this.http.get('/a', { query: { b: '1' }, auth: { user: 'ann', password: this.vars.password ?? '' } })
  }
}

export default scenario({
  host: 'https://old.example.com',
  users: [Old],
})
