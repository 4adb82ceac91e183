import { HttpUser, type Random, between, scenario, task } from 'burst'

/** Draws one of the names. The probability of a name is in proportion to its weight. */
function drawWeighted<Name extends string>(random: Random, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[]
  let left = random.next() * names.reduce((sum, name) => sum + weights[name], 0)
  return names.find((name) => (left -= weights[name]) < 0) ?? names[0]!
}

class Shopper extends HttpUser {
  wait = between('1s', '2s')
  private current = 'home'

  /** One step of the MarkovTaskSet Shopping. */
  @task
  async shopping() {
    const next: Record<string, Record<string, number>> = {
      home: { openCategory: 1 },
      openCategory: { openProduct: 3, home: 1 },
      openProduct: { home: 2, add: 1 },
      add: { home: 1 },
    }
    await (this as any)[this.current]()
    this.current = drawWeighted(this.random, next[this.current]!)
  }

  private async home() {
    await this.http.get('/')
  }

  private async openCategory() {
    await this.http.get('/c/:id', { params: { id: this.random.pick(['hats', 'shoes']) } })
  }

  private async openProduct() {
    await this.http.get('/p/:id', { params: { id: this.random.int(1, 9) } })
  }

  private async add() {
    await this.http.post('/cart', { json: { n: 1 } })
  }
}

class Caller extends HttpUser {
  wait = between('1s', '2s')
  private inSupport = false

  /** Repeats tasks until the user leaves the TaskSet Support. */
  @task
  async support() {
    this.inSupport = true
    const next: Record<string, Record<string, number>> = {
      ask: { leave: 1 },
      leave: { ask: 1 },
    }
    let step = 'ask'
    while (this.inSupport) {
      await (this as any)[step]()
      step = drawWeighted(this.random, next[step]!)
      await this.sleep(1 + this.random.next() * 1)
    }
  }

  @task
  async call() {
    await this.http.get('/call')
  }

  async ask() {
    await this.http.post('/questions', { json: { text: '?' } })
  }

  async leave() {
    this.inSupport = false
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Shopper, Caller],
})
