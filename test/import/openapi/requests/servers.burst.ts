import { HttpUser, between, scenario, task } from 'burst'

class Items extends HttpUser {
  wait = between(1, 3)

  @task
  async getItems() {
    await this.http.get('https://items.example.com/items').expect(200)
  }

  @task
  async getPlain() {
    await this.http.get('/api/plain')
  }

  @task
  async getSearchImages() {
    await this.http.get('/api/search%23images').expect(200)
  }
}

class Other extends HttpUser {
  wait = between(1, 3)

  @task
  async postItems() {
    await this.http.post('https://writes.example.com/w/items').expect(200)
  }
}

// Other servers: https://api.example.com
export default scenario({
  host: 'http://localhost:8080',
  users: [Items, Other],
})
