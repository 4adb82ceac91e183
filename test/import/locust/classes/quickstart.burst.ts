import { HttpUser, between, scenario, task } from 'burst'

class QuickstartUser extends HttpUser {
  wait = between('1s', '5s')

  async onStart() {
    await this.http.post('/login', { json: { username: 'foo', password: 'bar' } })
  }

  @task
  async helloWorld() {
    await this.http.get('/hello')
    await this.http.get('/world')
  }

  @task(3)
  async viewItems() {
    for (const itemId of Array.from({ length: 10 }).keys()) {
      await this.http.get('/item', { query: { id: itemId } })
      await this.sleep(1)
    }
  }
}

// Locust reads the load from its command line, and burst can do the same: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [QuickstartUser],
})
