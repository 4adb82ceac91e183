import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, between, file, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async getHealth() {
    await this.http.get('/health')
  }

  @task
  async getItems() {
    // TODO secure.sh:2: --resolve secure.example.com:443:10.0.0.5: pass --resolve with the same value to burst run
    await this.http.get('/items')
  }

  @task
  async getSearch() {
    // TODO secure.sh:3: password: set the secret with --var password=…
    await this.http.get('/search', {
      query: { q: 'a b', text: readFileSync(join(import.meta.dirname, 'note.txt'), 'utf8') },
      auth: { user: 'ann', password: this.vars.password ?? '' },
      connection: 'close',
    })
  }

  @task
  async postUpload() {
    await this.http.post('/upload', {
      multipart: {
        doc: file('photo.txt', { type: 'text/markdown' }),
        files: [file('photo.txt'), file('avatar.txt')],
        about: readFileSync(join(import.meta.dirname, 'avatar.txt'), 'utf8'),
        json: { content: '{"a":1}', type: 'application/json' },
        q: 'x',
      },
    })
  }

  @task
  async postText() {
    await this.http.post('/text', { body: file('photo.txt') })
  }

  @task
  async putRawAvatarTxt() {
    await this.http.put('/raw/avatar.txt', { body: file('avatar.txt') })
  }

  @task
  async postGraphql() {
    await this.http.graphql('query Cart($id: ID!) { cart(id: $id) { total } }', { id: 7 })
  }

  @task
  async getProxied() {
    // TODO secure.sh:8: --proxy http://…@proxy.example.com:3128: put the user name and password into the URL that you pass to burst run --proxy
    // TODO secure.sh:8: --cert locked.pem:…: burst needs a key that is not encrypted
    // TODO secure.sh:8: --pass …: burst needs a key that is not encrypted
    await this.http.get('/proxied')
  }
}

// TODO secure.sh: only some of the requests set insecure, ca, cert, key, minVersion, except, addressFamily, http2, proxy; the scenario sets them for all requests
export default scenario({
  host: 'https://secure.example.com',
  users: [Visitor],
  tls: { ca: 'ca.pem', cert: 'client-0.pem', key: 'client-0.key', insecure: true, minVersion: 'TLSv1.2' },
  proxy: { url: 'http://proxy.example.com:3128', except: ['localhost', '127.0.0.1'] },
  addressFamily: 'ipv4',
  http2: 'auto',
})
