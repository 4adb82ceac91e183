import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { HttpUser, hold, ramp, scenario, task } from 'burst'

const userParameters = [
  { region: 'eu', tier: 'gold' },
  { region: 'us', tier: 'silver' },
]

/** Returns a string of random characters. burst seeds Math.random inside a user. */
function randomText(length: number, characters = 'abcdefghijklmnopqrstuvwxyz'): string {
  return Array.from({ length }, () => characters[Math.floor(Math.random() * characters.length)]).join('')
}

class SoapUsers extends HttpUser {
  iteration = 0
  quoteId = ''
  title: string[] = []
  n = 95

  async onStart() {
    this.http.headers.set('SOAPAction', '"urn:getQuote"')
  }

  @task
  async soapUsers() {
    this.iteration++
    const account = `AC-${String(this.random.int(1000, 9999)).padStart(4, '0')}`
    this.n = this.n + 5 > 200 ? 100 : this.n + 5
    // TODO variables.jmx:133: SizeAssertion 'Size': this element has no counterpart
    const request = this.http
      .post('/ws', {
        body: `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><q account="${account}" n="${String(this.n).padStart(4, '0')}" region="${userParameters[this.index % 2]!.region}"/></soapenv:Body></soapenv:Envelope>`,
        headers: { 'Content-Type': 'text/xml; charset=utf-8' },
      })
      .expect({ body: /<status>OK<\/status>/ })
      .expect({ body: /quote/ })
    const [response, page] = await Promise.all([request.expect((found) => found.ok), request.html()])
    this.quoteId = /<(?:[\w.-]+:)?quoteId(?:\s[^>]*)?>([^<]*)</.exec(response.body)?.[1] ?? 'none'
    this.title = page.querySelectorAll('div[class="x"] > h1').map((one) => one.textContent)
    await this.http.put('/ws/quotes/:quoteId', {
      params: { quoteId: this.quoteId },
      body: `<accept by="${this.index + 1}" at="${new Date(Date.now() + 86400000).toISOString().slice(0, 10)}" rnd="${randomText(8, 'abcdef')}"/>`,
      headers: { 'Content-Type': 'text/xml; charset=utf-8' },
    })
    await this.http.get('/ws/echo', {
      query: {
        host: hostname(),
        ip: 'TODO',
        prop: this.vars['user.name'] ?? 'x',
        log: 'hi',
        t: 'SOAP users',
        s: 'Trace',
        v: this.vars['region_${n}'] ?? '',
        e: userParameters[this.index % 2]!.region,
        d: 'TODO',
        c: this.iteration,
        i: 6,
        f: 'TODO',
        x: createHash('sha256')
          .update(userParameters[this.index % 2]!.region)
          .digest('hex'),
        b: Buffer.from('abc').toString('base64'),
      },
      headers: { 'Content-Type': 'text/xml; charset=utf-8' },
    })
  }
}

// TODO variables.jmx:70: ThreadGroup 'SOAP users': pass --iterations 10 to burst run; the number applies to each user
// TODO variables.jmx:173: ${__machineIP}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:222: ${__RandomDate(,,2030-01-01,,)}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:243: ${__StringFromFile(names.txt,,,)}: this function has no counterpart; the string TODO replaces its value
export default scenario({
  host: 'http://localhost:8080',
  users: [SoapUsers],
  load: [ramp(5, '0s'), hold('10m')],
})
