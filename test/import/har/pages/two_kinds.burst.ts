import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 8)

  /** Checkout, then Order */
  @task
  async checkout() {
    const response = await this.http.post('/session', { json: { user: 'ann' } }).expect((found) => found.ok)
    const id = response.json().id
    const xCsrfToken = response.headers.get('x-csrf-token') ?? ''
    const orderId = (
      await this.http.post('/cart', { json: { basket: id }, headers: { 'X-CSRF-Token': xCsrfToken } }).json()
    ).order.orderId
    await this.http.get('/orders/:orderId', { params: { orderId } })
  }

  /** Recorded as Help. */
  @task
  async help() {
    await this.http.get('/help')
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Visitor],
})
