import { HttpUser, between, scenario, task } from 'burst'

class Legacy extends HttpUser {
  wait = between(1, 3)
  token = ''

  async onStart() {
    this.token = (
      await this.http
        .post('/login', {
          query: { v: '1' },
          json: { u: this.vars.user ?? '', p: this.vars.pass ?? '' },
          headers: { 'X-A': 'b' },
        })
        .check({
          'Status code is 200': (response) => response.status === 200,
          fast: (response) => response.latencyMs < 300,
        })
        .json()
    ).token
  }

  @task
  async me() {
    await this.http.get('/me')
  }

  @task
  async things() {
    await this.http.get('/things/1/x/two', {
      query: { c: this.token },
      headers: { Authorization: `Token ${this.token}` },
    })
  }
}

export default scenario({
  users: [Legacy],
})
