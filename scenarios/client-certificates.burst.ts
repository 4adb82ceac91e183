import { HttpUser, constant, csv, scenario, task } from 'burst'

const clients = csv('tls/clients.csv', ['cert', 'key']).unique({ recycle: true })

/** A partner whose systems identify themselves with client certificates. Each user has its own certificate. */
class Partner extends HttpUser {
  wait = constant('500ms')

  async onStart() {
    this.http.tls = clients.next()
  }

  @task
  async browse() {
    await this.http.get('/product/:id', { params: { id: this.random.int(1, 100) } }).expect(200)
  }
}

export default scenario({
  host: 'https://localhost:8443',
  users: [Partner],
  // The company's own certificate authority has signed the certificate of the service.
  tls: { ca: 'tls/ca.pem', minVersion: 'TLSv1.3' },
  thresholds: ['p95 < 2s', 'errors < 1%'],
})
