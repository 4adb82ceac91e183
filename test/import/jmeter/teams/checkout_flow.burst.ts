import { HttpUser, hold, ramp, scenario, task } from 'burst'

class Buyers extends HttpUser {
  itemId = ''
  payload = ''
  idempotencyKey = ''
  errors = 0
  lastOk = true

  @task
  async buyers() {
    await this.step('TX_01_Open_Shop', async () => {
      await this.sleep(0.002 + 0.003 * this.random.next())
      await this.http.get('/')
      await this.sleep(0.002 + 0.003 * this.random.next())
      const body = await this.http
        .get('/items')
        .expect((response) => response.json() != null && response.json().length !== 0, 'the catalogue is empty')
        .json()
      const item = this.random.pick<any>(body)
      this.itemId = String(item.id)
      // TODO checkout_flow.jmx:79: this script is not translated: vars.putObject("items", body)
    })
    await this.step('TX_02_Cart', async () => {
      await this.sleep(0.002 + 0.003 * this.random.next())
      const quantity = this.random.int(1, 3)
      const express = quantity > 2 ? 'express' : 'standard'
      const payload = {
        itemId: this.itemId,
        quantity,
        delivery: { kind: express, day: new Date().toISOString().slice(0, 10) },
      }
      this.payload = JSON.stringify(payload)
      this.idempotencyKey = crypto.randomUUID()
      const response = await this.http
        .post('/cart', {
          body: this.payload,
          headers: { 'Content-Type': 'application/json', 'Idempotency-Key': this.idempotencyKey },
        })
        .expect((response) => String(response.status).startsWith('2'), 'not added')
        .expect((response) => response.body.includes('"id"'), 'the cart has no id')
      this.lastOk = response.ok
      if (!this.lastOk && this.errors < 3) {
        this.errors++
        console.warn(`cart failed ${this.errors} times for thread ${this.index}`)
        await this.sleep(0.2)
      }
    })
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Buyers],
  load: [ramp(40, '1m'), hold('14m')],
})
