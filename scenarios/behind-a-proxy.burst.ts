import { HttpUser, constant, scenario, task } from 'burst'

/** A device behind the proxy of a company. The device does not keep connections open, so each request opens a new connection. */
class Device extends HttpUser {
  static connection = 'close' as const
  wait = constant('500ms')

  @task
  async read() {
    await this.http.get('/product/:id', { params: { id: this.random.int(1, 100) } }).expect(200)
  }
}

export default scenario({
  host: 'http://localhost:8080',
  users: [Device],
  // With the option `--proxy env`, burst uses HTTP_PROXY, HTTPS_PROXY and NO_PROXY instead of this setting.
  proxy: { url: 'http://proxy.example.com:3128', except: ['.internal.example.com', '10.0.0.0/8'] },
  thresholds: ['p95 < 2s', 'errors < 1%'],
})
