import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async getItems() {
    await this.http.get('/items/1')
  }

  @task
  async getItems2() {
    await this.http.get('/items/2')
  }

  @task
  async getItems3() {
    await this.http.get('/items/3')
  }

  @task
  async getAC() {
    await this.http.get('/a/c', { query: { 'f[]': '1' } })
  }

  @task
  async getBC() {
    await this.http.get('/b/c', { query: { 'f[]': '1' } })
  }

  @task
  async getAB() {
    await this.http.get('/{a,b}')
  }

  @task
  async getItems13() {
    await this.http.get('/items/[1-3]')
  }

  @task
  async getItems4() {
    // TODO options.sh:3: https://options.example.com/items/[1-1000]: curl requests more than 20 URLs for this pattern; write a loop
    await this.http.get('/items/[1-1000]')
  }

  @task
  async getScheme() {
    await this.http.get('/scheme')
  }

  @task
  async postHeaders() {
    await this.http.post('/headers', {
      form: { a: '1' },
      headers: { Host: 'shop.example.com', 'Accept-Encoding': 'identity', 'Transfer-Encoding': 'chunked' },
    })
  }

  @task
  async getOwnHeaders() {
    await this.http.get('/own-headers')
  }

  @task
  async getPart() {
    await this.http.get('/part', {
      headers: { 'if-modified-since': 'Tue, 03 Jan 2023 12:00:00 GMT', range: 'bytes=100-' },
    })
  }

  @task
  async getUnknownDate() {
    // TODO options.sh:8: --time-cond yesterday: write headers: { "if-modified-since": … } with the date
    // TODO options.sh:8: --continue-at -: burst requests the whole content
    await this.http.get('/unknown-date')
  }

  @task
  async getLetters() {
    // TODO options.sh:9: --http1.0: burst supports only HTTP/1.1 and HTTP/2
    // TODO options.sh:9: --netrc: the user name and password in .netrc are not read
    // TODO options.sh:9: --proxytunnel: burst opens a tunnel through a proxy only for https
    // TODO options.sh:9: --digest: burst supports only Basic and Bearer authentication
    // TODO options.sh:9: password: set the secret with --var password=…
    await this.http.get('/letters', { auth: { user: 'ann', password: this.vars.password ?? '' } })
  }

  @task
  async getValues() {
    // TODO options.sh:10: --proxy1.0 proxy:1080: burst supports only HTTP/1.1 proxies without TLS
    await this.http.get('/values')
  }

  @task
  async getSecrets() {
    // TODO options.sh:11: --pass …: burst needs a key that is not encrypted
    // TODO options.sh:11: --proxy-user …: put the user name and password into the URL that you pass to burst run --proxy
    // TODO options.sh:11: --proxy-header …: burst does not send custom headers to a proxy
    await this.http.get('/secrets')
  }

  @task
  async getChanges() {
    // TODO options.sh:12: --post301: burst repeats a POST as GET after this status
    // TODO options.sh:12: --location-trusted: burst sends credentials only to the host of the request
    // TODO options.sh:12: --tr-encoding: burst asks for compression with accept-encoding
    // TODO options.sh:12: --limit-rate 1k: burst sends and receives as fast as the connection allows
    // TODO options.sh:12: --etag-compare tag.txt: burst import does not read this file; write headers: { "if-none-match": … }
    await this.http.get('/changes')
  }

  @task
  async getConnections() {
    // TODO options.sh:13: --pinnedpubkey sha256//a: burst verifies only the authority, the host and the dates of a certificate
    // TODO options.sh:13: --crlfile list.pem: burst verifies only the authority, the host and the dates of a certificate
    // TODO options.sh:13: --ciphers DEFAULT: burst uses the default ciphers and curves of Node.js
    // TODO options.sh:13: --doh-url https://dns.example: burst uses the resolver of the system; see dns in docs/scenarios.md
    await this.http.get('/connections')
  }

  @task
  async getExpanded() {
    // TODO options.sh:14: --variable …: replace {{…}} with the value of the variable
    // TODO options.sh:14: --expand-header X-Host: {{host}}: burst does not replace {{…}}
    await this.http.get('/expanded', { headers: { 'X-Host': '{{host}}' } })
  }

  @task
  async getMisspelt() {
    // TODO options.sh:15: --no-such-option: burst does not know this option
    await this.http.get('/misspelt')
  }
}

export default scenario({
  host: 'https://options.example.com',
  users: [Visitor],
})
