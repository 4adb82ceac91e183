import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  /** Recorded as visit. */
  @task
  async visit() {
    const id = (await this.http.post('/session', { json: { user: 'ann' } }).json()).user.id
    const id2 = (await this.http.get('/search', { query: { q: 'hat', page: '1', limit: '1' } }).json()).items[0].id
    await this.http.get('/users/:id', { params: { id }, query: { page: '1' } })
    await this.http.post('/cart', { json: { product: id2, quantity: 1, sizes: [{ size: 41 }], user: id } })
  }
}

export default scenario({
  host: 'http://api.example.com',
  users: [Visitor],
})
