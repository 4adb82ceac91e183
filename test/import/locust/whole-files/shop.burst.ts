import { HttpUser, between, scenario, task } from 'burst'

const productIds = [101, 102, 103, 250, 999]
const searchTerms = ['red shoes', 'hat', 'winter coat']

/** Someone who browses, and buys now and then. */
class Shopper extends HttpUser {
  static weight = 9
  wait = between('1s', '5s')
  private token = ''

  async onStart() {
    // Everybody logs in first.
    this.token = (
      await this.http
        .post('/login', { json: { email: 'a@example.com', password: 'secret' } })
        .expect(200)
        .json()
    ).token
    this.http.headers.set('authorization', `Bearer ${this.token}`)
  }

  @task(10)
  async browse() {
    await this.http.get('/')
  }

  @task(5)
  async search() {
    const term = this.random.pick(searchTerms)
    await this.http.get('/search', { query: { q: term, page: 1 } })
  }

  @task(3, { tags: ['checkout'] })
  async addToCart() {
    const productId = this.random.pick(productIds)
    const csrf = (await this.http.get('/product/:id', { params: { id: productId } }).json()).csrf
    await this.http.post('/cart', { json: { id: productId, csrf } }).expect(201)
  }

  @task(1, { tags: ['checkout', 'slow'] })
  async checkout() {
    await this.http.post('/checkout', { form: { payment: 'card', accept: 'yes' }, timeout: 30 })
  }

  async onStop() {
    await this.http.post('/logout')
  }
}

class Admin extends HttpUser {
  static count = 1
  wait = between('30s', '60s')

  @task
  async report() {
    await this.http.get('/admin/report', { auth: { user: 'admin', password: 'admin123' } })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'https://shop.example.com',
  users: [Shopper, Admin],
})
