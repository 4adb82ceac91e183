import { HttpUser, between, scenario, task } from 'burst'

class Products extends HttpUser {
  wait = between(1, 3)

  async onStart() {
    this.http.headers.set('authorization', `Bearer ${this.vars.bearerAuth ?? ''}`)
  }

  /** List products */
  @task
  async listProducts() {
    await this.http.get('/v1/products', { query: { page: 3, limit: 20, tags: ['new', 'sale'] } }).expect(200)
  }

  /** Create a product */
  @task
  async postProducts() {
    await this.http
      .post('/v1/products', {
        json: { name: 'name', price: 1, sku: 'HAT-0001', launch: '2026-01-15', contactEmail: 'user@example.com' },
      })
      .expect(201)
  }

  @task
  async getProduct() {
    await this.http.get('/v1/products/:productId', { params: { productId: 'AAA-1111' } }).expect(200)
  }

  /** Deprecated. */
  @task
  async deleteProduct() {
    await this.http.delete('/v1/products/:productId', { params: { productId: 'AAA-1111' } }).expect(204)
  }
}

class Orders extends HttpUser {
  wait = between(1, 3)

  @task
  async createOrder() {
    await this.http
      .post('/v1/orders', {
        json: { product: 'HAT-0001', count: 2 },
        headers: { authorization: `Bearer ${this.vars.bearerAuth ?? ''}` },
      })
      .expect([200, 201])
  }
}

class ShopApi extends HttpUser {
  wait = between(1, 3)

  @task
  async getHealth() {
    await this.http.get('/v1/health').expect(200)
  }
}

// Other servers: https://staging.shop.example.com (Staging)
// TODO shop.yaml: security bearerAuth (http bearer): set the token with --var bearerAuth=…
export default scenario({
  host: 'https://eu.shop.example.com',
  users: [Products, Orders, ShopApi],
})
