import { HttpUser, type Random, csv, hold, ramp, scenario, task } from 'burst'

const members = csv('members.csv', ['username', 'password']).unique({ recycle: true })

/** Returns a normally distributed random number with mean 0 and standard deviation 1. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

class Journey extends HttpUser {
  token = ''
  anyName = ''
  orderId = ''
  ids: string[] = []

  async onStart() {
    this.http.headers.set('Accept', 'application/json')
    this.http.headers.set('X-Run', this.vars.run ?? 'local')
    const membersRow = members.next()
    await this.sleep(0.003)
    this.setOrderId()
    const body = await this.http
      .post('/session', {
        json: { user: membersRow.username, password: membersRow.password },
        headers: { Authorization: `Bearer ${this.token}` },
      })
      .expect(201)
      .json()
    this.token = body.token ?? 'NONE'
  }

  @task
  async journey() {
    await this.step('T01_Browse', async () => {
      await this.sleep(0.003)
      this.setOrderId()
      const body = await this.http
        .get('/items', {
          query: { page: this.random.int(1, 5), ts: Date.now() },
          headers: { Authorization: `Bearer ${this.token}` },
        })
        .json()
      this.ids = body.map((one: any) => one.id)
      this.anyName = this.random.pick<any>(body).name
      for (const id of this.ids.slice(0, 3)) {
        await this.sleep(0.003)
        await this.sleep(Math.max(0, 0.005 + 0.002 * drawNormal(this.random)))
        this.setOrderId()
        await this.http
          .get('/items/:id', { params: { id }, headers: { Authorization: `Bearer ${this.token}` } })
          .expect({ body: /"id"/ })
      }
    })
    if ((this.vars.mode ?? 'full') === 'full' && this.token !== 'NONE') {
      if (this.random.chance(0.4))
        await this.step('T02_Cart', async () => {
          await this.sleep(0.003)
          this.setOrderId()
          await this.http.post('/cart', {
            json: { item: this.ids[0] ?? '', ref: crypto.randomUUID(), name: this.anyName },
            headers: { Authorization: `Bearer ${this.token}` },
          })
        })
      switch (this.random.pick(['card', 'invoice'])) {
        case 'card':
          await this.step('card', async () => {
            await this.sleep(0.003)
            this.setOrderId()
            await this.http.get('/pay/card', { headers: { Authorization: `Bearer ${this.token}` } })
          })
          break
        case 'invoice':
          await this.step('invoice', async () => {
            await this.sleep(0.003)
            this.setOrderId()
            await this.http.get('/pay/invoice', { headers: { Authorization: `Bearer ${this.token}` } })
          })
          break
      }
    }
    await this.sleep(0.003)
    this.setOrderId()
    await this.http.get('/orders/:orderId', {
      params: { orderId: this.orderId },
      headers: { Authorization: `Bearer ${this.token}` },
    })
  }

  private setOrderId() {
    const id = (this.ids[0] ?? '') || '0'
    this.orderId = `${id}-${this.index + 1}`
    console.log(`order ${id}`)
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Journey],
  load: [ramp(20, '10s'), hold('110s')],
})
