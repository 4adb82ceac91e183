import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async getFind() {
    await this.http.get('/find', { query: { q: 'hats', page: '2', city: 'São Paulo' } })
  }

  @task
  async head() {
    await this.http.head('/')
  }

  @task
  async headItems() {
    await this.http.head('/items/%3Aid', { query: { x: '' } })
  }

  @task
  async getA() {
    await this.http.get('/a')
  }

  @task
  async getB() {
    await this.http.get('/b')
  }

  @task
  async propfindDav() {
    await this.http.request('PROPFIND', '/dav/')
  }

  @task
  async optionsCors() {
    await this.http.options('/cors', { headers: { Origin: 'https://x.example' } })
  }

  @task
  async getSlow() {
    await this.http.get('/slow', { timeout: 5, redirects: 0 })
  }

  @task
  async getOne() {
    await this.http.get('/one')
  }

  @task
  async postTwo() {
    await this.http.post('/two', { form: { a: '1' } })
  }

  @task
  async getFile() {
    await this.http.get('/file', {
      headers: { referer: 'https://from.example', 'user-agent': 'probe/1.0', range: 'bytes=0-99' },
    })
  }
}

export default scenario({
  host: 'https://search.example.com',
  users: [Visitor],
})
