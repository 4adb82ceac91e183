import { HttpUser, between, scenario, task } from 'burst'

class Payments extends HttpUser {
  wait = between(1, 3)
  accessToken = ''
  location = ''

  async onStart() {
    // TODO oauth_folders.json: Token / Get token: pm.environment.set("expires_at", Date.now() + res.expires_in * 1000)
    this.accessToken = (
      await this.http
        .post(`https://${this.vars.tenant ?? ''}.auth.example.com/oauth/token`, {
          form: {
            grant_type: 'client_credentials',
            client_id: this.vars.client_id ?? '',
            client_secret: this.vars.client_secret ?? '',
          },
          auth: { user: this.vars.client_id ?? '', password: this.vars.client_secret ?? '' },
          name: '/oauth/token',
        })
        .json()
    ).access_token
  }

  @task
  async payments() {
    // TODO oauth_folders.json: Payments / Create payment: a script before the request: pm.environment.set("amount", _.random(100, 900));
    // TODO oauth_folders.json: Payments / Create payment: a script before the request: var CryptoJS = require("crypto-js");
    // TODO oauth_folders.json: Payments / Create payment: a script before the request: const sig = CryptoJS.HmacSHA256(pm.request.body.raw, pm.environment.get("secre…
    // TODO oauth_folders.json: Payments / Create payment: a script before the request: pm.request.headers.upsert({ key: "X-Signature", value: sig });
    // TODO oauth_folders.json: Payments / Create payment: tests["has id"] = responseBody.has("id");
    // TODO oauth_folders.json: Payments / Create payment: const { id, links: [first] } = pm.response.json();
    // TODO oauth_folders.json: Payments / Create payment: pm.environment.set("paymentId", id);
    this.location = await this.http
      .post('/payments', {
        body: `{\n  // amount in cents\n  "amount": ${this.vars.amount ?? ''},\n  "currency": "EUR",\n  "reference": "${crypto.randomUUID()}",\n  "created": "${new Date().toISOString()}",\n  "tags": ["${this.vars.tag ?? ''}", "x"]\n}`,
        headers: { 'Idempotency-Key': crypto.randomUUID(), 'Content-Type': 'application/json' },
        auth: { bearer: this.accessToken },
      })
      .check('created', (response) => response.status === 201)
      .header('location')
    // TODO oauth_folders.json: Payments / Get payment: pm.response.to.be.ok;
    // TODO oauth_folders.json: Payments / Get payment: pm.expect(pm.response.json().status).to.eql("PAID");
    // TODO oauth_folders.json: Payments / Get payment: let count = Number(pm.environment.get("count") || 0) + 1;
    // TODO oauth_folders.json: Payments / Get payment: pm.environment.set("count", count);
    await this.http.get('/payments/:paymentId', {
      params: { paymentId: this.vars.paymentId ?? '' },
      auth: { bearer: this.accessToken },
    })
    await this.http.post('/payments/:paymentId/refunds', {
      params: { paymentId: this.vars.paymentId ?? '' },
      body: `<refund id="${this.vars.paymentId ?? ''}"/>`,
      headers: { 'Content-Type': 'application/xml' },
      auth: { bearer: this.accessToken },
    })
    // TODO oauth_folders.json: Payments / Digest: auth digest: only bearer, basic and apikey are translated
    await this.http.get('/digest')
    // TODO oauth_folders.json: Payments / Aws: auth awsv4: only bearer, basic and apikey are translated
    await this.http.get('/aws')
    await this.http.get('/oauth', { auth: { bearer: this.accessToken } })
    // TODO oauth_folders.json: Payments / Send: a script before the request: pm.sendRequest("https://echo.example.com/now", function (err, response) {
    // TODO oauth_folders.json: Payments / Send: a script before the request: pm.variables.set("now", response.json().now);
    await this.http.post('/notify', { body: `plain ${this.vars.paymentId ?? ''}`, auth: { bearer: this.accessToken } })
  }
}

// TODO set the host with -H: https://<tenant>.api.example.com
export default scenario({
  users: [Payments],
})
