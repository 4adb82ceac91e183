import { HttpUser, type Random, constant, scenario, task, throughput } from 'burst'

const timeLimit = 600
const base = 10
const peak = 40

function randomEmail(length = 8): string {
  return `${Array.from({ length }, () => pickOne([...'abcdefghijklmnopqrstuvwxyz'])).join('')}@mail.example`
}

/** Draws one of the names. The probability of a name is in proportion to its weight. */
function drawWeighted<Name extends string>(random: Random, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[]
  let left = random.next() * names.reduce((sum, name) => sum + weights[name], 0)
  return names.find((name) => (left -= weights[name]) < 0) ?? names[0]!
}

/** Returns the whole numbers from start up to, but not including, end. */
function numbersFrom(start: number, end: number, step = 1): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, index) => start + index * step)
}

/** Returns a random item. burst seeds Math.random inside a user. */
function pickOne<T = any>(items: ArrayLike<T>): T {
  return items[Math.floor(Math.random() * items.length)]!
}

/** Draws the given number of different items, in random order. */
function sampleOf<T = any>(items: Iterable<T>, count: number): T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    return left.splice(Math.floor(Math.random() * left.length), 1)[0]!
  })
}

class Shopper extends HttpUser {
  wait = constant('1s')
  private skus = [...numbersFrom(1, 21)].map((n) => `SKU-${String(n).padStart(4, '0')}`)
  private cartId: any
  private items: any[] = []
  private csrf: any
  private inCheckout = false
  private inBrowse = false
  private inCatalogue = false

  @task
  async checkout() {
    this.inCheckout = true
    await this.startCheckout()
    await this.openShop()
    await this.sleep('1s')
    await this.addItems()
    if (!this.inCheckout) return
    await this.sleep('1s')
    await this.pay()
  }

  /** Repeats tasks until the user leaves the TaskSet Browse. */
  @task(4)
  async browse() {
    this.inBrowse = true
    while (this.inBrowse) {
      await this[drawWeighted(this.random, { catalogue: 3, home: 1 })]()
      await this.sleep('1s')
    }
  }

  private async startCheckout() {
    this.cartId = null
    this.items = []
  }

  private async openShop() {
    const text = await this.http.get('/form').text()
    const found = /name="csrf_token" value="(\w+)"/.exec(text)
    this.csrf = found ? found?.[1]! : ''
  }

  private async addItems() {
    for (const sku of sampleOf(this.skus, 2)) {
      await this.http.post('/cart', { json: { sku, qty: 1 }, headers: { 'X-CSRF': this.csrf } }).expect((response) => {
        if ([200, 201].includes(response.status)) {
          this.cartId = response.json().id
          this.items.push(...[sku])
        } else {
          throw new Error(`Unexpected status: ${response.status}`)
        }
      })
    }
    if (this.items.length === 0) {
      this.inCheckout = false
      return
    }
  }

  private async pay() {
    const card = { number: '4111111111111111', cvc: `${String(this.random.int(0, 999)).padStart(3, '0')}`, year: 2030 }
    const total = Number(
      Array.from({ length: this.items.length }, (_, n) => 9.99 * n)
        .reduce((sum: number, one: number) => sum + one, 0)
        .toFixed(2),
    )
    await this.http.put('/carts/:cartId/payment', {
      params: { cartId: this.cartId },
      json: { ...card, total },
      timeout: 10,
    })
    await this.http.post('/carts/:cartId/confirm', { params: { cartId: this.cartId }, form: { email: randomEmail() } })
  }

  /** Repeats tasks until the user leaves the TaskSet Catalogue. */
  async catalogue() {
    this.inCatalogue = true
    while (this.inCatalogue) {
      await this[this.random.pick(['page', 'leave'] as const)]()
      await this.sleep('1s')
    }
  }

  async page() {
    await this.http.get('/catalogue', {
      query: [
        ['page', this.random.int(1, 9)],
        ['sort', 'name'],
      ],
    })
  }

  async leave() {
    this.inCatalogue = false
  }

  async home() {
    await this.http.get('/')
    this.inBrowse = false
  }
}

class Monitor extends HttpUser {
  static count = 1
  wait = throughput(0.1, { catchUp: false })

  @task
  async health() {
    if ((await this.http.get('/health')).status !== 200) throw new Error('an assertion failed')
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Shopper, Monitor],
  load: (second) => {
    if (second > timeLimit) return null
    const users = base + (peak - base) * Math.abs(Math.sin(second / 60))
    return Math.round(users)
  },
})
