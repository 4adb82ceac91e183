import { HttpUser, between, scenario, task } from 'burst'

class ShopApi extends HttpUser {
  wait = between(1, 3)
  token = ''
  productId = ''

  async onStart() {
    this.token = (
      await this.http
        .post('/session', {
          json: { email: 'ann@example.com', password: this.vars.password ?? '' },
          auth: { bearer: this.token },
        })
        .check('Logged in', (response) => response.status === 201)
        .json()
    ).token
  }

  /** Products, then Cart */
  @task
  async products() {
    this.productId = (
      await this.http.get('/items', { query: { page: '1' }, auth: { bearer: this.token } }).json()
    )[0].id
    await this.http.get('/items/:productId', { params: { productId: this.productId }, auth: { bearer: this.token } })
    await this.http
      .post('/cart', { json: { product: Number(this.productId), count: 2 }, auth: { bearer: this.token } })
      .check({
        'Status code is 201': (response) => response.status === 201,
        fast: (response) => response.latencyMs < 200,
      })
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [ShopApi],
})
