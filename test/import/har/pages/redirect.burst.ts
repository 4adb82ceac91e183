import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  /** Recorded as /account. */
  @task
  async account() {
    // TODO redirect.har: entry 1: password: set the secret with --var password=…
    const csrfToken = await this.http
      .post('/login', { form: { user: 'ann', password: this.vars.password ?? '' } })
      .match(/name=["']csrf-token["'][^>]*content=["']([^"']+)["']/)
    await this.http.post('/account/name', { json: { name: 'Ann' }, headers: { 'x-csrf-token': csrfToken } })
  }
}

export default scenario({
  host: 'https://forum.example.org',
  users: [Visitor],
})
