import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async getAdminReport() {
    // TODO login.sh:1: password: set the secret with --var password=…
    await this.http.get('/admin/report', { auth: { user: 'admin', password: this.vars.password ?? '' } })
  }

  @task
  async getAdminAudit() {
    // TODO login.sh:2: password: set the secret with --var password=…
    await this.http.get('/admin/audit', { auth: { user: 'ann', password: this.vars.password ?? '' } })
  }

  @task
  async getPrivate() {
    // TODO login.sh:3: password: set the secret with --var password=…
    await this.http.get('/private', { auth: { user: 'bob', password: this.vars.password ?? '' } })
  }

  @task
  async getMe() {
    // TODO login.sh:4: token: set the secret with --var token=…
    await this.http.get('/me', { auth: { bearer: this.vars.token ?? '' } })
  }

  @task
  async getKeys() {
    // TODO login.sh:5: header X-Api-Key: set the secret with --var x_api_key=…
    await this.http.get('/keys', { headers: { 'X-Api-Key': this.vars.x_api_key ?? '' } })
  }

  @task
  async getDigest() {
    // TODO login.sh:6: --digest: burst supports only Basic and Bearer authentication
    // TODO login.sh:6: password: set the secret with --var password=…
    await this.http.get('/digest', { auth: { user: 'a', password: this.vars.password ?? '' } })
  }
}

export default scenario({
  host: 'http://localhost:8080',
  users: [Visitor],
})
