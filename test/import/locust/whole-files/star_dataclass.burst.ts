import { HttpUser, between, scenario, task } from 'burst'

function product(sku: any, price: any, qty: any = 1) {
  return { sku, price, qty }
}

function basket(owner: any, items: any = [], coupon: any = null) {
  return { owner, items, coupon }
}

const basePath = process.env.BASE_PATH ?? '/api/v2'
const maxItems = wholeNumber(process.env.MAX_ITEMS ?? '5')
const catalogue = [product('hat-1', 19.99), product('coat-7', 129, 2), product('sock-3', 4.5, 6)]

function requestHeaders(token: any, trace = true): Record<string, string> {
  const headers: Record<string, any> = { Authorization: `Bearer ${token}`, 'X-Request-Id': crypto.randomUUID() }
  if (trace) headers['X-Trace'] = '1'
  return headers
}

function total(items: any): number {
  return Number(
    items
      .map((p: any) => p.price * p.qty)
      .reduce((sum: number, one: number) => sum + one, 0)
      .toFixed(2),
  )
}

/** Returns true if a list or a text contains a value, or if an object has a key. */
function isIn(value: any, of: any): boolean {
  return Array.isArray(of) || typeof of === 'string' ? of.includes(value) : value in of
}

/** Returns a whole number, like int() in Python. Throws if a text is not a whole number, or has too many digits for JavaScript. */
function wholeNumber(value: any, base = 10): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Math.trunc(Number(value))
  const trimmed = String(value).trim()
  const text = trimmed.replaceAll(/(?<=[\da-z])_(?=[\da-z])/gi, '')
  const digits = base > 10 ? `0-9a-${String.fromCharCode(86 + base)}` : `0-${base - 1}`
  const isWhole = new RegExp(`^[+-]?${base === 16 ? '(0x)?' : ''}[${digits}]+$`, 'i').test(text)
  const number = isWhole ? Number.parseInt(text, base) : Number.NaN
  if (!Number.isSafeInteger(number)) throw new Error(`${text} is not a whole number of at most 16 digits`)
  return number
}

class Checkout extends HttpUser {
  wait = between('500ms', '2.5s')
  private token: any = ''
  private basket: any

  async onStart() {
    this.token = (
      await this.http
        .post(`${basePath}/token`, {
          json: { user: `user${String(this.random.int(1, 999)).padStart(4, '0')}`, pin: '1234' },
        })
        .json()
    ).token
    this.basket = basket(this.token)
  }

  @task(4)
  async add() {
    const product2 = this.random.pick<any>(catalogue)
    this.basket.items.push(product2)
    const payload = JSON.stringify({ sku: product2.sku, qty: product2.qty, price: `${product2.price.toFixed(2)}` })
    await this.http.post(`${basePath}/basket/items`, {
      body: payload,
      headers: { ...requestHeaders(this.token), 'Content-Type': 'application/json' },
      name: 'add item',
    })
  }

  @task
  async pay() {
    if (this.basket.items.length === 0) return
    const items = this.basket.items.slice(0, maxItems)
    const body = { total: total(items), skus: items.map((p: any) => p.sku), coupon: this.basket.coupon || 'none' }
    await this.http
      .post(`${basePath}/orders`, { json: body, headers: requestHeaders(this.token, false) })
      .expect((response) => {
        if (response.status !== 201) {
          if (response.status === 409) {
            throw new Error('basket changed')
          } else if (response.latencyMs / 1000 > 2) {
            throw new Error(`too slow: ${(response.latencyMs / 1000).toFixed(1)}s`)
          } else if (!isIn('status', response.json())) throw new Error('no status in answer')
        }
      })
    this.basket = basket(this.token)
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'https://shop.example.com',
  users: [Checkout],
})
