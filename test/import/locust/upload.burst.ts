import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, between, scenario, task } from 'burst'

// TODO upload.py:10: fake = Faker()
const secret = process.env.WEBHOOK_SECRET ?? ''

class Uploader extends HttpUser {
  wait = between('1s', '2s')

  @task
  async upload() {
    const form = new FormData()
    form.set('file', new Blob([readFileSync(join(import.meta.dirname, 'users.csv'))]), 'users.csv')
    await this.http.post('/files', { body: form })
  }

  @task
  async avatar() {
    const form = new FormData()
    form.set('kind', 'avatar')
    form.set('avatar', new Blob([readFileSync(join(import.meta.dirname, 'users.csv'))], { type: 'text/csv' }), 'a.csv')
    await this.http.post('/avatar', { body: form })
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
    // TODO upload.py:37: verify (see TLS in docs/scenarios.md): False
    await this.http.get('/basic', { headers: { Authorization: `Basic ${token}` } })
  }

  private sign(body: any) {
    return createHmac('sha256', secret).update(body).digest('hex')
  }
}

// Locust takes the load from its command line. So can burst: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Uploader],
})
