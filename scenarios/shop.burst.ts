/**
 * Customers of a web shop log in once, browse, search, fill a cart and sometimes buy; a few admins read reports.
 * This scenario shows weights, tags, checks, timed steps and thresholds, and how a request uses a value from an earlier response.
 * `npx burst demo` runs this scenario against a demo shop on this machine.
 *
 *     npx burst run shop.burst.ts --local -H https://staging.example.com
 *     npx burst run shop.burst.ts --local --tags checkout        (only tasks with this tag)
 *
 * The schemas use valibot (`npm install valibot`); zod and arktype work as well.
 */
import { HttpUser, between, hold, ramp, scenario, task } from 'burst'
import * as v from 'valibot'

const Session = v.object({ token: v.string() })
const Product = v.object({ id: v.string(), csrf: v.string() })

export class Shopper extends HttpUser {
  /** There are nine shoppers for each admin. */
  static weight = 9
  wait = between('1s', '3s')

  /** burst calls this method once for each shopper, before the first task. */
  async onStart() {
    const account = { email: `shopper-${this.index}@example.com`, password: 'secret' }
    const { token } = await this.http.post('/login', { json: account }).json(Session)
    this.http.headers.set('authorization', `Bearer ${token}`)
  }

  @task(10)
  async browse() {
    await this.http.get('/').expect(200)
    const name = this.random.pick(['shoes', 'hats', 'coats', 'bags'])
    await this.http
      .get('/category/:name', { params: { name } })
      .check('categories are HTML', (response) => response.headers.get('content-type')?.includes('html') ?? false)
  }

  @task(3)
  async search() {
    await this.http.get('/search', { query: { q: this.random.pick(['red', 'green hats', 'blue']) } }).expect(200)
  }

  /** The shop's recommender sometimes fails. A failed request does not end the task, because the code does not call `expect`. */
  @task(1)
  async recommendations() {
    await this.http.get('/recommendations')
  }

  @task(3, { tags: ['checkout'] })
  async addToCart() {
    await this.putOneIntoCart()
  }

  @task(1, { tags: ['checkout'] })
  async buy() {
    await this.step('buy something', async () => {
      await this.putOneIntoCart()
      await this.http.get('/cart').expect(200)
      await this.http.post('/checkout').expect({ status: 201, under: '2s' })
    })
  }

  /** Two tasks call this method. It is not a task itself. */
  private async putOneIntoCart() {
    const { id, csrf } = await this.http.get('/product/:id', { params: { id: this.random.int(1, 5000) } }).json(Product)
    await this.sleep('300ms') // looks at it
    await this.http.post('/cart', { json: { id, csrf } }).expect(201)
  }
}

export class Admin extends HttpUser {
  wait = between('2s', '5s')

  @task(3)
  async report() {
    await this.http.get('/admin/report').expect(200)
  }

  /** This report is slow, so it has a separate threshold. A threshold for all requests could pass even if this report became slower. */
  @task(1)
  async slowReport() {
    await this.http.get('/reports/slow', { timeout: '10s' }).expect(200)
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Shopper, Admin],
  load: [ramp(200, '5s'), hold('12s'), ramp(0, '3s')],
  thresholds: [
    'errors < 1%',
    'p95 < 400ms',
    'POST /cart: p99 < 1s',
    'GET /reports/slow: p95 < 2s',
    'tag:checkout: errors < 0.5%',
    'check:categories are HTML: errors < 0.1%',
  ],
})
