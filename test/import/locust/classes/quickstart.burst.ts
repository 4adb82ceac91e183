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

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [QuickstartUser],
})
