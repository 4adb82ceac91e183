import { HttpUser, type Response, file, hold, ramp, scenario, task } from 'burst'

/** Returns the headers of a response, one per line. */
function headerLines({ headers }: Response): string {
  return [...headers.entries()].map(([name, value]) => `${name}: ${value}`).join('\n')
}

class Forum extends HttpUser {
  token = ''
  link = ''
  field = ''
  status = ''
  first = ''
  lastOk = true

  @task
  async forum() {
    // TODO extractors.jmx:13: KeystoreConfig 'Client certificates': write tls: { cert, key } in scenario(), or this.http.tls for each user
    // TODO extractors.jmx:26: HTTPSamplerProxy 'form': fetch embedded resources with (await ….html()).resources()
    const request = this.http
      .get('/form', { connection: 'close' })
      .expect(
        (response) => !response.body.includes('Exception') && !response.body.includes('stack trace'),
        'the page shows an error',
      )
      .expect((response) => headerLines(response).includes('text/html'))
      .expect({ under: '30000ms' })
    const [response, page] = await Promise.all([request.expect((found) => found.ok), request.html()])
    this.token = page.querySelector('input[name=csrf_token]')?.getAttribute('value') ?? 'none'
    this.link = page.querySelector('a')?.textContent ?? ''
    this.field = /(?:name|id)="(\w+)"/.exec(response.body)?.[1] ?? ''
    this.lastOk = true
    if (this.token !== 'none' && (this.index + 1 < 100 || this.field === 'x')) {
      const body = await this.http
        .get('/find')
        .expect((response) => /^(?:done|ok)$/.test(String(response.json().status)))
        .expect((response) => /^(?:2..)$/.test(String(response.status)))
        .json()
      this.status = body.status
      this.first = body.items[0].id
      this.lastOk = true
    }
    while (this.status !== 'done') {
      this.lastOk = (await this.http.get('/poll')).ok
    }
    while (this.lastOk) {
      this.lastOk = (await this.http.put('/raw', { body: file('note.txt') })).ok
    }
    // TODO extractors.jmx:135: eu.luminis.jmeter.wssampler.RequestResponseWebSocketSampler 'WebSocket echo': write it with this.ws(url); see WebSocket in docs/scenar…
    // TODO extractors.jmx:137: ConstantThroughputTimer '60 per minute': write wait = pacing(…), or load: [arrivals(…)]
    if (String(this.lastOk).includes('x'))
      await this.http.graphql('query Item($id: ID!) { item(id: $id) { id } }', { id: this.first })
  }
}

export default scenario({
  host: 'https://forum.example.com',
  users: [Forum],
  load: [ramp(5, '10s'), hold('50s')],
  proxy: 'http://proxy.example.com:3128',
})
