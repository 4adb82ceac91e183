import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(3, 5)
  token = ''

  async onStart() {
    this.http.headers.set('user-agent', 'Mozilla/5.0 (X11)')
    await this.http.get('/login')
    // TODO chrome_shop.har: entry 3: password: set the secret with --var password=…
    this.token = (
      await this.http
        .post('/api/session', { json: { email: 'ann@example.com', password: this.vars.password ?? '' } })
        .json()
    ).token
  }

  /** home, then /cart */
  @task
  async home() {
    const id = (
      await this.http
        .get('/api/products', { query: { page: '1' }, headers: { authorization: `Bearer ${this.token}` } })
        .json()
    ).items[0].id
    await this.http.get('/api/products/:id', { params: { id }, headers: { authorization: `Bearer ${this.token}` } })
    await this.sleep(5)
    await this.http.post('/api/cart', {
      json: { product: id, count: 2 },
      headers: { authorization: `Bearer ${this.token}` },
    })
  }
}

// TODO chrome_shop.har: the browser had cookies before the recording (sid); to get them, log in with a request in onStart
export default scenario({
  host: 'https://shop.example.com',
  users: [Visitor],
})
