import { HttpUser, between, scenario, task } from 'burst'

const role = {
  ADMIN: 'admin',
  EDITOR: 'editor',
  VIEWER: 'viewer',
}
const step = {
  START: 1,
  PAY: 2,
  DONE: 3,
}

function product(sku: any, price: any = 9.99, tags: any = []) {
  return { sku, price, tags }
}

function account(username: any, password: any, role2: any = role.VIEWER) {
  return { username, password, role: role2 }
}

const products = [product('A-1'), product('B-2', 12.5, ['new']), product('C-3', 3)]
const accounts = inTurn([account('ann', 'pw1', role.ADMIN), account('ben', 'pw2')])
const weights = { search: 5, buy: 1 }

function productLabel(self: any): string {
  return `${self.sku}:${self.price.toFixed(2)}`
}

function productTotal(self: any, quantity = 1): number {
  return self.price * quantity
}

/** Returns the items one after another, and starts over at the end. */
function inTurn<T = any>(items: readonly T[]): () => T {
  let next = 0
  return () => items[next++ % items.length]!
}

/** Returns true if a list or a text contains a value, or if an object has a key. */
function isIn(value: any, of: any): boolean {
  return Array.isArray(of) || typeof of === 'string' ? of.includes(value) : value in of
}

/** Returns one of the items, with a probability in proportion to its weight. The argument drawn is a random number in [0, 1). */
function pickWeighted<T = any>(items: readonly T[], weights: readonly number[], drawn: number): T {
  let left = drawn * weights.reduce((sum, weight) => sum + weight, 0)
  return items[weights.findIndex((weight) => (left -= weight) < 0)]!
}

/** Draws the given number of different items, in random order. */
function sampleOf<T = any>(items: Iterable<T>, count: number): T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    return left.splice(Math.floor(Math.random() * left.length), 1)[0]!
  })
}

class Shopper extends HttpUser {
  wait = between('1s', '2s')
  private account: any
  private stepValue: any
  private getItem: any

  async onStart() {
    this.account = accounts()
    this.stepValue = step.START
    await this.http.post('/login', {
      json: { user: this.account.username, password: this.account.password, role: this.account.role },
    })
    this.getItem = (url: any) =>
      this.http.get(url, { name: '/items/[id]' }).check('status is below 400', (response) => response.ok)
  }

  @task(3)
  async browse() {
    const product2 = this.random.pick<any>(products)
    const action = pickWeighted([...Object.keys(weights)], [...Object.values(weights)], this.random.next())
    if (action === 'search') {
      await this.http.get('/search', { query: { q: productLabel(product2) } })
    } else if (action === 'buy' && product2.price > 5) {
      await this.http.post('/cart', { json: { sku: product2.sku, total: productTotal(product2, 2) } })
    } else if (!['a', 'b'].includes(action)) await this.getItem(`/items/${product2.sku}`)
  }

  @task
  async structure() {
    const body = await this.http.get('/next').json()
    if (body.length >= 2 && body[0] === 'pair' && body[1]) {
      const first = body[1]
      await this.http.get('/pairs/:first', { params: { first } })
    } else if (isIn('kind', body) && body.kind === 'item' && isIn('id', body)) {
      const id = body.id
      await this.http.get('/items/:id', { params: { id } })
    } else if (body === role.ADMIN || body == null) {
      await this.http.get('/admin')
    } else {
      const other = body
      console.log(other)
    }
  }

  @task
  async advance() {
    if (this.stepValue === step.DONE) {
      this.stepValue = step.START
    } else {
      this.stepValue = this.stepValue + 1
    }
    await this.http.get('/steps/:value/:id', { params: { value: this.stepValue, id: 'ADMIN'.toLowerCase() } })
    for (const role2 of Object.values(role)) {
      await this.http.get('/roles/:value', { params: { value: role2 } })
    }
  }

  @task
  async sample() {
    const picked = sampleOf(products, 2)
    const count = picked.length
    if (count > 1) {
      const pairs = products.flatMap((p) => p.tags.filter((t: any) => t !== 'old').map((t: any) => [p.sku, t]))
      await this.http.post('/bulk', { json: { count, skus: picked.map((p) => p.sku), pairs } })
    }
    while (true) {
      const n = this.random.int(1, 5)
      if (n >= 4) break
      await this.http.get('/page/:n', { params: { n } })
    }
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Shopper],
})
