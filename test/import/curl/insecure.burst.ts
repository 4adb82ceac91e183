import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async getHealth() {
    // TODO insecure.sh:1: write tls: { insecure: true } in scenario(), or give -k to burst run: --insecure
    // TODO insecure.sh:1: give --proxy to burst run, or write proxy in scenario(): --proxy http://proxy:3128
    // TODO insecure.sh:1: write tls: { cert: 'client.pem', key: 'client.key' } in scenario(); see TLS in docs/scenarios.md: --cert client.pem
    // TODO insecure.sh:1: a failed request is counted and not repeated: --retry 3
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
    await this.http.post('/graphql', {
      json: { query: '{ me { id } }' },
      headers: { Accept: 'application/graphql-response+json' },
    })
  }

  @task
  async getItems() {
    await this.http.get('/items/:n', { params: { n: this.vars.n ?? '' } })
  }

  @task
  async getItems2() {
    await this.http.get('/items/7')
  }

  @task
  async getMe() {
    // TODO insecure.sh:8: the file is not read: --header @headers.txt
    // TODO insecure.sh:8: the file is not read: --cookie
    await this.http.get('/me')
  }
}

export default scenario({
  host: 'https://internal.example.com',
  users: [Visitor],
})
