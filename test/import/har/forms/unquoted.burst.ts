import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  /** Recorded as visit. */
  @task
  async visit() {
    const page = await this.http.get('/login').html()
    const csrf = page.querySelector('input[name="csrf"]')?.getAttribute('value') ?? ''
    const next = page.querySelector('input[name="next"]')?.getAttribute('value') ?? ''
    await this.http.post('/login', { form: { csrf, next, email: 'ann@example.com' } })
  }
}

export default scenario({
  host: 'http://shop.example.com',
  users: [Visitor],
})
