import { HttpUser, hold, ramp, scenario, task } from 'burst'

class Visitor extends HttpUser {
  @task
  async visit() {
    await this.http.get('/')
    await this.http.get('/items', { query: { page: '1', size: '20' } })
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Visitor],
  load: [ramp(10, '5s'), hold('55s')],
})
