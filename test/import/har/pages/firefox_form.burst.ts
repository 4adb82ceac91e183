import { HttpUser, constant, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = constant(10)

  async onStart() {
    this.http.headers.set('user-agent', 'Mozilla/5.0 (X11)')
  }

  /** Recorded as Forum. */
  @task
  async forum() {
    const csrfToken = await this.http.get('/form').match(/name=["']csrf_token["'][^>]*value=["']([^"']+)["']/)
    await this.sleep(2)
    await this.http.post('/topics', { form: { csrf_token: csrfToken, title: 'Hello world' } })
  }

  /** Recorded as New topic. */
  @task
  async newTopic() {
    await this.http.get('/topics')
  }
}

export default scenario({
  host: 'https://forum.example.org',
  users: [Visitor],
})
