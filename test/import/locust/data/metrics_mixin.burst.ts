import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, between, scenario, task } from 'burst'

const secret = process.env.WEBHOOK_SECRET ?? 's3cret'
// TODO metrics_mixin.py:8: each worker has its own copy, so users of two workers can take the same items: orders = Queue()
const orders: any[] = []
const recent: any[] = []
const counts: Record<string, any> = {}
const skus = readFileSync(join(import.meta.dirname, 'skus.txt'), 'utf8')
  .trim()
  .split('\n')
  .filter((line) => line.trim())
  .map((line) => line.trim())

function sign(body: any): string {
  const digest = createHmac('sha256', secret).update(body).digest()
  return Buffer.from(digest).toString('base64')
}

/** Adds an item at the end, and removes items at the beginning if there are too many. */
function pushLimited<T>(items: T[], item: T, most: number): void {
  items.push(item)
  while (items.length > most) items.shift()
}

/** Draws the given number of different items, in random order. */
function sampleOf<T = any>(items: Iterable<T>, count: number): T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    return left.splice(Math.floor(Math.random() * left.length), 1)[0]!
  })
}

/** Removes the first item of a list and returns it. Throws if the list is empty. */
function takeFirst<T = any>(items: T[]): T {
  if (items.length === 0) throw new Error('the queue is empty')
  return items.shift()!
}

abstract class SignedMixin extends HttpUser {
  sessionId: any

  async signedPost(path: any, payload: any) {
    const body = JSON.stringify(payload)
    // TODO metrics_mixin.py:30: this header replaces the cookies that servers have set: {"session": self.session_id}
    return this.http
      .post(path, {
        body,
        headers: { 'Content-Type': 'application/json', 'X-Signature': sign(body), cookie: `session=${this.sessionId}` },
      })
      .check('status is below 400', (response) => response.ok)
  }
}

class Producer extends SignedMixin {
  static weight = 2
  wait = between('1s', '2s')

  async onStart() {
    this.sessionId = createHash('md5').update(String(this.random.next())).digest('hex')
  }

  @task
  async order() {
    const [sku, ...rest] = sampleOf(skus, 2)
    const resp = await this.signedPost('/orders', { sku, alternatives: rest, qty: this.random.pick([1, 2, 5]) })
    if (resp.status === 200) {
      const number_ = resp.json()[0].id
      if (number_) {
        orders.push(number_)
        pushLimited(recent, number_, 20)
        counts.orders = (counts.orders ?? 0) + 1
      }
    }
  }
}

class Consumer extends SignedMixin {
  wait = () => -Math.log(1 - this.random.next()) / 1
  sessionId = 'consumer'

  @task(1, { tags: ['slow', 'consumer'] })
  async ship() {
    let number_: any
    try {
      number_ = takeFirst(orders)
    } catch {
      number_ = recent.length > 0 ? recent[recent.length - 1] : null
    }
    if (number_ == null) return
    // TODO metrics_mixin.py:63: burst does not run the code of this context manager: timed("ship")
    await this.http.patch('/orders/:number', {
      params: { number: number_ },
      json: { state: 'shipped', at: Math.trunc(Date.now() / 1000) },
    })
    await this.signedPost(`/orders/${number_}/events`, { kind: 'shipped', total: counts.orders ?? 0 })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Producer, Consumer],
})
