import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  /** Recorded as visit. */
  @task
  async visit() {
    await this.http.get('/v1/status')
    await this.sleep(3)
    await this.http.put('/v1/notes/9', {
      json: { text: 'a', deep: [1, { b: null }] },
      headers: { 'Content-Type': 'application/vnd.api+json; charset=utf-8' },
    })
    await this.http.delete('/v1/notes/9').expect(404)
    // TODO no_pages.har: entry 4: X-Api-Key: set the secret with --var x_api_key=…
    await this.http.get('/v1/notes', {
      query: { tag: ['a', 'b'], q: '' },
      headers: { 'X-Api-Key': this.vars.x_api_key ?? '' },
    })
  }
}

export default scenario({
  host: 'http://api.example.com',
  users: [Visitor],
})
