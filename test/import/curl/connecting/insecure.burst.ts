import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async getHealth() {
    // TODO insecure.sh:1: --cert client.pem: the file does not exist; write tls: { cert: … } in scenario()
    // TODO insecure.sh:1: --retry 3: a failed request is counted and not repeated
    await this.http.get('/health')
  }

  @task
  async postGraphql() {
    await this.http.post('/graphql', {
      body: '{"query": "{ cart { total } }", "big": 12345678901234567890}',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
    })
  }

  @task
  async postGraphql2() {
    await this.http.graphql('{ me { id } }', {}, { headers: { Accept: 'application/graphql-response+json' } })
  }

  @task
  async getItems() {
    // TODO insecure.sh:5: $n: set it with --var n=…
    await this.http.get('/items/:n', { params: { n: this.vars.n ?? '' } })
  }

  @task
  async getItems2() {
    await this.http.get('/items/7')
  }

  @task
  async getMe() {
    // TODO insecure.sh:8: --header @headers.txt: burst import does not read this file
    // TODO insecure.sh:8: --cookie: burst import does not read this file
    await this.http.get('/me')
  }
}

// TODO insecure.sh: only some of the requests set insecure, proxy; the scenario sets them for all requests
export default scenario({
  host: 'https://internal.example.com',
  users: [Visitor],
  tls: { insecure: true },
  proxy: 'http://proxy:3128',
})
