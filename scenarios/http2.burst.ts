import { HttpUser, constant, scenario, task } from 'burst'

/** Loads a page as a browser does: first the page, and then all files of the page, concurrently over one connection. */
class Visitor extends HttpUser {
  wait = constant('500ms')

  @task
  async product() {
    await this.http.get('/product/:id', { params: { id: this.random.int(1, 100) } }).expect(200)
    const words = ['lamp', 'chair', 'table', 'shelf']
    await Promise.all(words.map((q) => this.http.get('/search', { query: { q } }).expect(200)))
  }
}

export default scenario({
  host: 'https://localhost:8443',
  users: [Visitor],
  // With 'auto', burst offers HTTP/2 and HTTP/1.1, and the service chooses one of them. With true, requests would fail if the service did not choose
  // HTTP/2.
  http2: 'auto',
  tls: { ca: 'tls/ca.pem' },
  thresholds: ['p95 < 2s', 'errors < 1%'],
})
