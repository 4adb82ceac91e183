import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async getMe() {
    // TODO shell.sh:4: $TOKEN: set it with --var TOKEN=… (line 2 assigns it)
    await this.http.get('/me', { headers: { Authorization: `Bearer ${this.vars.TOKEN ?? ''}` } })
  }

  @task
  async getKeys() {
    // TODO shell.sh:5: $API_KEY: set it with --var API_KEY=… (line 5 assigns it)
    await this.http.get('/keys', { headers: { 'X-Api-Key': this.vars.API_KEY ?? '' } })
  }

  @task
  async getUsers() {
    await this.http.get('/users/:userId', { params: { userId: this.vars.USER_ID ?? '7' } })
  }

  @task
  async getSearch() {
    // TODO shell.sh:8: $TERM: set it with --var TERM=…
    await this.http.get('/search', { query: { lang: 'en', q: this.vars.TERM ?? '' } })
  }
}

export default scenario({
  host: 'http://localhost:8080',
  users: [Visitor],
})
