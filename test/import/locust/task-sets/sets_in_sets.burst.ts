import { HttpUser, type Random, scenario, task } from 'burst'

/** Draws one of the names. The probability of a name is in proportion to its weight. */
function drawWeighted<Name extends string>(random: Random, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[]
  let left = random.next() * names.reduce((sum, name) => sum + weights[name], 0)
  return names.find((name) => (left -= weights[name]) < 0) ?? names[0]!
}

class U extends HttpUser {
  wait = () => -Math.log(1 - this.random.next()) / 0.5
  private total = 0
  private name = ''
  private inConfirm = false
  private inShop = false
  private inConfirm2 = false

  async onStart() {
    this.name = this.random.pick(['a', 'b'])
  }

  @task
  async checkout() {
    await this.cart()
    await this.pay()
    await this.pay()
    await this.confirm()
  }

  /** Repeats tasks until the user leaves the TaskSet Shop. */
  @task
  async shop() {
    this.inShop = true
    while (this.inShop) {
      await this[drawWeighted(this.random, { checkout2: 1, browse: 3, leave: 1 })]()
    }
  }

  private async cart() {
    await this.http.get('/cart')
  }

  private async pay() {
    await this.http.post('/pay', { json: { total: this.total, by: this.name } })
  }

  /** Repeats tasks until the user leaves the TaskSet Confirm. */
  async confirm() {
    this.inConfirm = true
    while (this.inConfirm) {
      await this.ok()
    }
  }

  async ok() {
    await this.http.get('/ok')
    this.inConfirm = false
  }

  async checkout2() {
    await this.checkout2Cart()
    await this.checkout2Pay()
    await this.checkout2Pay()
    await this.confirm2()
  }

  private async checkout2Cart() {
    await this.http.get('/cart')
  }

  private async checkout2Pay() {
    await this.http.post('/pay', { json: { total: this.total, by: this.name } })
  }

  /** Repeats tasks until the user leaves the TaskSet Confirm. */
  async confirm2() {
    this.inConfirm2 = true
    while (this.inConfirm2) {
      await this.confirm2Ok()
    }
  }

  async confirm2Ok() {
    await this.http.get('/ok')
    this.inConfirm2 = false
  }

  async browse() {
    this.total += 1
    await this.http.get('/b/:name/:total', { params: { name: this.name, total: this.total } })
  }

  async leave() {
    if (this.random.next() > 0.5) {
      this.inShop = false
      return
    }
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [U],
})
