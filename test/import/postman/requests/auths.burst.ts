import { HttpUser, between, scenario, task } from 'burst'

class Auths extends HttpUser {
  wait = between(1, 3)

  @task
  async basic() {
    // TODO auths.json: Basic: password: set the secret with --var password=…
    await this.http.get('/basic', { auth: { user: 'ann', password: this.vars.password ?? '' } })
  }

  @task
  async bearer() {
    // TODO auths.json: Bearer: token: set the secret with --var token=…
    await this.http.get('/bearer', { auth: { bearer: this.vars.token ?? '' } })
  }

  @task
  async key() {
    // TODO auths.json: Key: value: set the secret with --var value=…
    await this.http.get('/key', { headers: { 'X-Key': this.vars.value ?? '' } })
  }

  @task
  async query() {
    await this.http.get('/query', { query: { api_key: this.vars.apiKey ?? '' } })
  }

  @task
  async none() {
    await this.http.get('/none')
  }

  @task
  async oAuth() {
    // TODO auths.json: OAuth: auth oauth2: only bearer, basic and apikey are translated
    await this.http.get('/oauth')
  }
}

export default scenario({
  users: [Auths],
})
