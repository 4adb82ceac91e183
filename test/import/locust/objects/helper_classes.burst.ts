import { type Http, HttpUser, between, scenario, task } from 'burst'

const statuses = ['NEW', 'PAID', 'SHIPPED']

/** Creates order payloads. */
class OrderFactory {
  currency: string
  maxItems: number
  created: number

  constructor(currency = 'EUR', maxItems = 5) {
    this.currency = currency
    this.maxItems = maxItems
    this.created = 0
  }

  build(customerId: any): Record<string, any> {
    this.created += 1
    const items = Array.from({ length: randomInteger(1, this.maxItems) }, (_, i) => this.item(i))
    return { customerId, currency: this.currency, items, no: `LT-${String(this.created).padStart(5, '0')}` }
  }

  item(index: any): Record<string, any> {
    return { sku: `SKU-${index}`, qty: randomInteger(1, 3) }
  }

  static randomStatus() {
    return pickOne(statuses)
  }
}

class ApiClient {
  client: Http
  token: any
  headers: Record<string, string>

  constructor(client: Http, token: any = null) {
    this.client = client
    this.token = token
    this.headers = { 'Content-Type': 'application/json' }
  }

  async login(username: any, password: any) {
    this.token = (await this.client.post('/session', { json: { username, password } }).json()).token
    this.headers.Authorization = `Bearer ${this.token}`
  }

  createOrder(payload: any) {
    return this.client
      .post('/api/orders', { json: payload, headers: this.headers, name: 'create order' })
      .check('status is below 400', (response) => response.ok)
  }

  async getOrder(orderId: any) {
    await this.client
      .get('/api/orders/:orderId', { params: { orderId }, headers: this.headers })
      .expect((response) => response.status !== 404, 'order is missing')
  }
}

class Product {
  category = 'general'
  sku: string
  price: number
  tags: any

  constructor(sku: string, price: number, tags: any = null) {
    this.sku = sku
    this.price = price
    this.tags = tags || []
  }

  get label(): any {
    return `${this.sku} (${this.category})`
  }

  toDict(): any {
    return { sku: this.sku, price: this.price, tags: this.tags }
  }

  static cheapest(): any {
    return new Product('S-1', 0.99)
  }

  toString(): any {
    return this.sku
  }
}

class Book extends Product {
  category = 'books'
  pages: number

  constructor(sku: string, price: number, pages: number) {
    super(sku, price, ['book'])
    this.pages = pages
  }

  toDict(): any {
    const data = super.toDict()
    data.pages = this.pages
    return data
  }
}

class UserPool {
  static index = 0
  static names: any[] = ['ann', 'bob', 'cy']

  static nextName() {
    const name = UserPool.names[UserPool.index % UserPool.names.length]
    UserPool.index += 1
    return name
  }
}

const factory = new OrderFactory(undefined, 3)
const catalog = [new Product('A', 10), new Book('B', 20, 300)]

/** Returns a random item. burst seeds Math.random inside a user. */
function pickOne<T = any>(items: ArrayLike<T>): T {
  return items[Math.floor(Math.random() * items.length)]!
}

/** Returns a random whole number from low to high, both included. burst seeds Math.random inside a user. */
function randomInteger(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low + 1))
}

class OrderUser extends HttpUser {
  wait = between('1s', '3s')
  private api: any
  private orderIds: any[] = []

  async onStart() {
    this.api = new ApiClient(this.http)
    await this.api.login(UserPool.nextName(), process.env.LOAD_PASSWORD ?? 'secret')
    this.orderIds = []
  }

  @task(3)
  async create() {
    const response = await this.api.createOrder(factory.build(crypto.randomUUID()))
    if (response.ok) this.orderIds.push(response.json().id)
  }

  @task
  async view() {
    if (this.orderIds.length > 0) await this.api.getOrder(this.random.pick<any>(this.orderIds))
  }

  @task
  async byStatus() {
    await this.http.get('/orders', { query: { status: OrderFactory.randomStatus() } })
  }
}

class Buyer extends HttpUser {
  wait = between('1s', '2s')

  @task
  async buy() {
    const product = this.random.pick<any>(catalog)
    await this.http.post('/buy/:sku', {
      params: { sku: product.sku },
      json: product.toDict(),
      headers: { 'X-Label': product.label },
    })
  }

  @task
  async sample() {
    const item = Product.cheapest()
    await this.http.post('/samples', { json: item.toDict(), headers: { 'X-Name': String(item) } })
    await this.http.get('/flaky').expect((response) => response.ok)
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [OrderUser, Buyer],
})
