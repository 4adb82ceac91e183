import { type Http, HttpUser, type Response, between, scenario, task } from 'burst'

let counter = 0
const ids = countFrom(1)
const regions = inTurn(['eu', 'us', 'ap'])
const cache: Record<string, any> = {}

function nextOrder(): string {
  counter += 1
  return `order-${counter}`
}

/** Fetches a product, the cheap ones more often. */
async function weightedProduct(client: Http, bonus = 0): Promise<Response> {
  const price = pickWeighted([10, 20, 50], [5, 3, 1], Math.random()) + bonus
  return client.get('/products', { query: { price } }).check('status is below 400', (response) => response.ok)
}

/** Returns the next number on each call. */
function countFrom(start = 0): () => number {
  let next = start
  return () => next++
}

/** Returns the items one after another, and starts over at the end. */
function inTurn<T = any>(items: readonly T[]): () => T {
  let next = 0
  return () => items[next++ % items.length]!
}

/** Returns one of the items, with a probability in proportion to its weight. The argument drawn is a random number in [0, 1). */
function pickWeighted<T = any>(items: readonly T[], weights: readonly number[], drawn: number): T {
  let left = drawn * weights.reduce((sum, weight) => sum + weight, 0)
  return items[weights.findIndex((weight) => (left -= weight) < 0)]!
}

class Orders extends HttpUser {
  static total = 0
  wait = between('1s', '2s')
  private userId = 0
  private region = ''

  async onStart() {
    this.userId = ids()
    this.region = regions()
  }

  @task
  async order() {
    const orderId = nextOrder()
    const response = await weightedProduct(this.http, 5)
    if (response.status === 200) {
      cache[orderId] = response.json()
      Orders.total += 1
    }
    await this.http.put('/orders/:orderId', {
      params: { orderId },
      json: { user: this.userId, region: this.region, seen: Object.keys(cache).length },
    })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Orders],
})
