import { HttpUser, between, file, scenario, task } from 'burst'

class SecureUploads extends HttpUser {
  wait = between(1, 3)
  total = ''

  @task
  async upload() {
    // TODO files.json: Upload: /home/ann/gone.bin: the file is not beside the collection; the string TODO replaces its content
    await this.http.post('/upload', {
      multipart: {
        title: this.vars.title ?? '',
        meta: { content: '{"a":1}', type: 'application/json' },
        photo: file('photo.txt', { type: 'image/png' }),
        more: [file('photo.txt'), { content: 'TODO', filename: 'gone.bin' }],
      },
    })
  }

  @task
  async rawFile() {
    await this.http.put('/raw', { body: file('photo.txt'), headers: { 'Content-Type': 'text/plain' }, redirects: 0 })
  }

  @task
  async goneFile() {
    // TODO files.json: Gone file: body gone.bin: the file is not beside the collection; send it with body: file(…)
    await this.http.put('/gone')
  }

  /** Graph, then Raw GraphQL */
  @task
  async graph() {
    const body = await this.http
      .graphql('query Cart($id: ID!) {\n  cart(id: $id) { total }\n}', { id: Number(this.vars.cart_id ?? '') })
      .check('ok', (response) => response.status === 200)
      .json()
    this.total = body.data.cart.total
    await this.http.post('/graphql', { query: { x: '1' }, json: { query: '{ me { id } }', total: this.total } })
  }
}

// TODO files.json: only some of the requests set cert, key, proxy; the scenario sets them for all requests
export default scenario({
  host: 'https://files.example.com',
  users: [SecureUploads],
  tls: { cert: 'client-0.pem', key: 'client-0.key', insecure: true },
  proxy: 'http://proxy.example.com:8080',
})
