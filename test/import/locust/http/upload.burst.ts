import { createHmac } from 'node:crypto'
import { HttpUser, between, file, scenario, task } from 'burst'

// TODO upload.py:10: fake = Faker()
const secret = process.env.WEBHOOK_SECRET ?? ''

class Uploader extends HttpUser {
  wait = between('1s', '2s')

  @task
  async upload() {
    await this.http.post('/files', { multipart: { file: file('users.csv') } })
  }

  @task
  async avatar() {
    await this.http.post('/avatar', { multipart: { kind: 'avatar', avatar: file('users.csv', { name: 'a.csv' }) } })
  }

  @task
  async webhook() {
    const body = `{"event": "paid", "at": ${Math.trunc(Date.now() / 1000)}}`
    await this.http.post('/hook', {
      body,
      headers: { 'X-Signature': this.sign(body), 'Content-Type': 'application/json' },
    })
  }

  @task
  async basic() {
    // TODO upload.py:36: fake.user_name()
    const token = Buffer.from('TODO:pw').toString('base64')
    await this.http.get('/basic', { headers: { Authorization: `Basic ${token}` } })
  }

  private sign(body: any) {
    return createHmac('sha256', secret).update(body).digest('hex')
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Uploader],
  tls: { insecure: true },
})
