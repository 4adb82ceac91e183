import { HttpUser, constant, scenario, task } from 'burst'

/** Removes a key from an object, and returns the value of the key. */
function takeKey<T = any>(of: Record<string, T>, key: string, otherwise?: any): T {
  const value = of[key] ?? otherwise
  delete of[key]
  return value
}

class ApiUser extends HttpUser {
  wait = constant('1s')

  async onStart() {
    this.http.headers.set('user-agent', 'loadtest/1.0')
    this.http.headers.set('accept', 'application/json')
  }

  @task(2)
  async search() {
    await this.http.post('/search', { json: { q: 'x' }, timeout: 30, redirects: 5 })
    await this.http.get('/report', { timeout: 120, redirects: 5 })
  }

  @task
  async grow() {
    // TODO fast_user.py:19: a simulated user cannot see or stop the run: self.environment.runner.user_count
    const n: any = 'TODO'
    await this.http.get('/users', { query: { n }, timeout: 30, redirects: 5 })
  }

  @task
  async ranked() {
    // TODO fast_user.py:24: the requests of the lambda are not sent: sorted(range(3), key=lambda i: unknown.rank(self.client.get(f"/rank/{i}").json()))
    const items: any = 'TODO'
    console.log(items)
  }

  // TODO fast_user.py:5: the timeout of a request in burst includes the time to connect: connection_timeout = 5.0
}

class AdminUser extends ApiUser {
  static weight = 2

  async onStart() {
    this.http.headers.set('x-admin', '1')
  }

  @task
  async admin() {
    await this.getPage('/admin', { name: 'admin' })
  }

  private async getPage(path: any, kw: Record<string, any> = {}) {
    delete kw.debug
    const tags = takeKey(kw, 'tags', ['a'])
    return this.http
      .get(path, { timeout: 90, redirects: 5, ...kw, headers: { 'X-Tags': tags[0] } })
      .check('status is below 400', (response) => response.ok)
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'https://api.example.com',
  users: [ApiUser, AdminUser],
})
