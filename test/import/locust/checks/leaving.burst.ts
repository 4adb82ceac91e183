import { HttpUser, type Random, between, scenario, task } from 'burst'

/** Draws one of the names. The probability of a name is in proportion to its weight. */
function drawWeighted<Name extends string>(random: Random, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[]
  let left = random.next() * names.reduce((sum, name) => sum + weights[name], 0)
  return names.find((name) => (left -= weights[name]) < 0) ?? names[0]!
}

class Shopper extends HttpUser {
  wait = between('1s', '2s')
  private tries = 0
  private token: any
  private inBrowsing = false

  async onStart() {
    this.tries = 0
    this.token = await this.tokenOf('ann')
  }

  /** Repeats tasks until the user leaves the TaskSet Browsing. */
  @task
  async browsing() {
    this.inBrowsing = true
    while (this.inBrowsing) {
      await this[drawWeighted(this.random, { item: 3, leave: 1 })]()
      await this.sleep(1 + this.random.next() * 1)
    }
  }

  @task
  async early() {
    const response = await this.http.get('/coupon').expect((response) => {
      if (response.status !== 404 && response.status !== 200) throw new Error('no coupon')
    })
    if (response.status === 404) return
    await this.http.post('/coupon/redeem')
  }

  @task
  async accepted() {
    const response = await this.http.get('/draft').expect((response) => response.ok || response.status === 404)
    if (response.status === 404) return
    await this.http.delete('/draft')
  }

  @task
  async retry() {
    for (const attempt of Array.from({ length: 3 }).keys()) {
      const response = await this.http.get('/stock').expect([200, 429])
      if (response.status === 200) {
        break
      } else if (response.status === 429) {
        await this.sleep(attempt)
        continue
      }
      await this.http.get('/never')
    }
  }

  @task
  async poll() {
    while (true) {
      const state = (
        await this.http
          .get('/job')
          .expect((response) => {
            const state = response.json().state
            if (state !== 'done' && state === 'failed') {
              console.log('the job failed')
              throw new Error('failed')
            }
          })
          .json()
      ).state
      if (state === 'done') break
      await this.sleep(1)
    }
    await this.http.get('/job/result')
  }

  @task
  async prices() {
    const response = await this.http.get('/prices').expect((response) => {
      for (const item of response.json().items) {
        if (item.price < 0) throw new Error('a price is negative')
      }
    })
    if (response.headers.get('x-empty') ?? '') return
    await this.http.get('/prices/details')
  }

  @task
  async counted() {
    const response = await this.http.get('/limit').expect((response) => {
      this.tries += 1
      if (this.tries > 3) throw new Error('too many')
    })
    if (response.status === 204) return
    await this.http.get('/after/limit')
  }

  @task
  async both() {
    for (const productId of [1, 2]) {
      await this.http.get('/products/:id', { params: { id: productId } })
    }
    const first = this.random.int(1, 9)
    await this.http.get('/products/:id', { params: { id: first } })
  }

  async item() {
    const response = await this.http.get('/items').expect((response) => {
      if (response.status !== 404 && response.status !== 200) throw new Error(`items: ${response.status}`)
    })
    if (response.status === 404) {
      this.inBrowsing = false
      return
    }
    await this.http.get('/items/details')
  }

  async leave() {
    this.inBrowsing = false
  }

  private async tokenOf(name: any) {
    const response = await this.http.post('/login', { json: { name } }).expect((response) => {
      if (response.status !== 200) {
        this.tries += 1
        throw new Error('no token')
      }
    })
    if (response.status === 200) return response.json().token
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Shopper],
})
