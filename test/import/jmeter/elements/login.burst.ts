import { HttpUser, csv, hold, ramp, scenario, task } from 'burst'

const users = csv('users.csv', ['email', 'password']).unique({ recycle: true })

class ShopVisitors extends HttpUser {
  token = ''
  itemId = ''

  async onStart() {
    this.http.headers.set('Accept', 'application/json')
    this.token = (
      await this.http
        .post('/session', { json: { email: 'ann@example.com', count: 1 } })
        .expect(201)
        .json()
    ).token
  }

  @task
  async shopVisitors() {
    const usersRow = users.next()
    await this.step('Buy a hat', async () => {
      await this.sleep(0.2 + 0.3 * this.random.next())
      this.itemId = (
        await this.http
          .get('/items', { query: { sort: 'name' } })
          .expect(200)
          .json()
      )[0].id
      await this.sleep(0.2 + 0.3 * this.random.next())
      await this.http
        .get('/items/:itemId', { params: { itemId: this.itemId }, headers: { Authorization: `Bearer ${this.token}` } })
        .expect({ body: 'hat' })
      await this.sleep(0.2 + 0.3 * this.random.next())
      await this.http
        .post('/cart', {
          json: { item: Number(this.itemId), by: usersRow.email },
          headers: { Authorization: `Bearer ${this.token}` },
        })
        .expect(201)
    })
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [ShopVisitors],
  load: [ramp(20, '30s'), hold('90s')],
})
