import { HttpUser, between, scenario, task } from 'burst'

const defaultHeaders = { Accept: 'application/json', 'User-Agent': 'load-test/1.0' }

class Client extends HttpUser {
  wait = between('500ms', '1.5s')
  private token = ''
  private seen: any[] = []

  async onStart() {
    for (const [name, value] of Object.entries(defaultHeaders)) {
      this.http.headers.set(name, value)
    }
    await this.authenticate()
  }

  @task(2)
  async items() {
    const response = await this.http.get('/items', { headers: { 'X-Page': '1' } })
    if (response.status === 401) {
      await this.authenticate('read write')
      return
    }
    const etag = response.headers.get('ETag') ?? ''
    await this.http.get('/items', { headers: { 'If-None-Match': etag }, name: '/items (cached)' })
  }

  @task
  async detail() {
    const items = await this.http.get('/items').json()
    if (!items?.length) return
    const item = items[0]
    this.seen.push(item.id)
    await this.http.patch('/items/:id', {
      params: { id: item.id },
      query: { notify: 'no' },
      json: { ...item, seen: true },
    })
    await this.http.delete('/items/:id/tags/:tag', { params: { id: item.id, tag: item.tag ?? 'none' } })
  }

  private async authenticate(scope = 'read') {
    const payload = await this.http
      .post('/oauth/token', {
        form: { grant_type: 'client_credentials', scope },
        auth: { user: 'id', password: 'secret' },
      })
      .expect(200)
      .json()
    this.token = payload.access_token
    this.http.headers.set('authorization', `Bearer ${this.token}`)
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Client],
  tls: { insecure: true },
})
