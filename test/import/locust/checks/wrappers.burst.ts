import { HttpUser, between, scenario, task } from 'burst'

class Api extends HttpUser {
  wait = between('1s', '2s')
  private base = '/api/v1'

  @task
  async articles() {
    // TODO wrappers.py:32: the decorator is left out: timed
    await this.read('/articles', { query: { page: 2 }, redirects: 0, name: '/articles' })
    await this.read('/plain')
  }

  @task(1, { tags: ['write'] })
  async write() {
    await this.call('POST', '/articles', { json: { title: 'hat' }, headers: { 'X-Trace': '1' } })
    await this.call('POST', '/forms', { form: { title: 'hat' } })
  }

  private async call(method: any, path: any, kwargs: Record<string, any> = {}) {
    ;(kwargs.headers ??= {})['X-Client'] = 'load'
    kwargs.query ??= {}
    return this.http
      .request(method, `${this.base}${path}`, { ...kwargs, timeout: 5 })
      .check('status is below 400', (response) => response.ok)
  }

  private async read(path: any, kwargs: Record<string, any> = {}) {
    return this.call('GET', path, kwargs)
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Api],
})
