import { HttpUser, between, scenario, task } from 'burst'

class Security extends HttpUser {
  wait = between(1, 3)

  @task
  async withDefault() {
    await this.http.get('/a', { headers: { authorization: `Bearer ${this.vars.oidc ?? ''}` } }).expect(200)
  }

  @task
  async withBasic() {
    await this.http
      .get('/b', { auth: { user: this.vars.basicAuthUser ?? '', password: this.vars.basicAuthPassword ?? '' } })
      .expect(200)
  }

  @task
  async withQueryKey() {
    await this.http.get('/c', { query: { api_key: this.vars.queryKey ?? '' } }).expect(200)
  }

  @task
  async withCookie() {
    await this.http.get('/d', { headers: { cookie: `sid=${this.vars.cookieKey ?? ''}` } }).expect(200)
  }

  @task
  async withBoth() {
    await this.http
      .get('/e', { headers: { 'X-App-Id': this.vars.appId ?? '', 'X-App-Key': this.vars.appKey ?? '' } })
      .expect(200)
  }

  @task
  async optional() {
    await this.http.get('/f', { headers: { 'X-App-Id': this.vars.appId ?? '' } }).expect(200)
  }

  @task
  async open() {
    await this.http.get('/g').expect(200)
  }

  @task
  async otherFirst() {
    await this.http.get('/h', { headers: { 'X-App-Id': this.vars.appId ?? '' } }).expect(200)
  }

  @task
  async onlyOther() {
    await this.http.get('/i').expect(200)
  }

  @task
  async missing() {
    await this.http.get('/j').expect(200)
  }
}

// TODO security.yaml: security oidc (openIdConnect): set the token with --var oidc=…
// TODO security.yaml: security basicAuth (http basic): set the login with --var basicAuthUser=… --var basicAuthPassword=…
// TODO security.yaml: security queryKey (apiKey): set the key with --var queryKey=…
// TODO security.yaml: security cookieKey (apiKey): set the key with --var cookieKey=…
// TODO security.yaml: security appId (apiKey): set the key with --var appId=…
// TODO security.yaml: security appKey (apiKey): set the key with --var appKey=…
// TODO security.yaml: security tls (mutualTLS): burst does not support this security scheme
// TODO security.yaml: security nowhere: the document does not describe this scheme
export default scenario({
  host: 'https://api.example.com',
  users: [Security],
})
