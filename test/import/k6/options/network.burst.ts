import { HttpUser, csv, hold, json, pacing, ramp, scenario, task } from 'burst'

const accounts = csv('./accounts.csv', ['email', 'password']).unique({ recycle: true })
const words = json<Record<string, any>>('./words.json').random()

class Visitor extends HttpUser {
  static connection = 'close' as const
  wait = pacing('2s')
  iteration = -1

  async onStart() {
    this.http.headers.set('user-agent', 'k6-load/1.0')
  }

  @task
  async visit() {
    this.iteration++
    const account = accounts.next()
    const word = words.next()
    await this.http.get('/search', { query: { q: word.text }, redirects: 2 })
    await this.http.graphql(
      'query Cart($id: ID!) { cart(id: $id) { total } }',
      { id: 7 },
      { name: 'graph', redirects: 2 },
    )
    await this.http.graphql('{ me { id } }', {}, { headers: { Authorization: account.password }, redirects: 2 })
    await this.http.get('/moved', { redirects: 0 })
    if (this.iteration > 1000) {
      // TODO network.js:47: this stops only the task; use abortOn to stop the run: if (exec.vu.iterationInScenario > 1000) exec.test.abort('enough');
      throw new Error('enough')
    }
  }
}

// TODO network.js:17: write tls: { minVersion } in scenario(); burst has no setting for the maximum version: tlsVersion: { min: http.TLS_1_2, max: http.TLS_1_3 },
// TODO network.js:19: pass --resolve shop.example.com:443:10.0.0.5 to burst run: hosts: { 'shop.example.com': '10.0.0.5', 'api.example.com:8443': '10.0.0.6' },
// TODO network.js:19: pass --resolve api.example.com:8443:10.0.0.6 to burst run: hosts: { 'shop.example.com': '10.0.0.5', 'api.example.com:8443': '10.0.0.6' },
// TODO network.js:26: the option rps is not translated: rps: 100,
// TODO network.js:27: the option tags is not translated: tags: { team: 'shop' },
// TODO network.js:31: the threshold of http_req_waiting has no counterpart: http_req_waiting: ['p(95)<500'],
export default scenario({
  host: 'https://shop.example.com',
  users: [Visitor],
  tls: { cert: 'client-0.pem', key: 'client-0.key', insecure: true, minVersion: 'TLSv1.2' },
  addressFamily: 'ipv4-first',
  dns: '1m',
  load: [ramp(4, '0s'), hold('1m')],
  thresholds: ['GET /search: p95 < 500ms', 'POST graph: p95 < 700ms'],
})
