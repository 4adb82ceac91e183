import { HttpUser, between, scenario, task } from 'burst'

class UnknownHosts extends HttpUser {
  wait = between(1, 3)

  @task
  async listUsers() {
    await this.http.get('/users', { query: { page: '1' } })
  }

  @task
  async oneUser() {
    await this.http.get('/users/:userId', { params: { userId: this.vars.userId ?? '' } })
  }

  @task
  async createUser() {
    await this.http.post('/users')
  }

  @task
  async root() {
    await this.http.get('/')
  }

  @task
  async login() {
    await this.http.post(`${this.vars.authUrl ?? ''}/login/${encodeURIComponent(this.vars.realm ?? '')}`, {
      name: '/login/:realm',
    })
  }

  @task
  async health() {
    await this.http.get(`https://${this.vars.region ?? ''}.status.example.com/health`, { name: '/health' })
  }

  @task
  async version() {
    await this.http.get('https://version.example.com/v1')
  }

  @task
  async local() {
    await this.http.get(`http://localhost:${this.vars.localPort ?? ''}/x`, { name: '/x' })
  }

  @task
  async prefixed() {
    await this.http.get(`${this.vars.baseUrl ?? ''}${this.vars.prefix ?? ''}/items`, { name: '/items' })
  }
}

// TODO set the host with -H: <scheme>://<host>:<port>
export default scenario({
  users: [UnknownHosts],
})
