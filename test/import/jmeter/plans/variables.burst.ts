import { HttpUser, hold, ramp, scenario, task } from 'burst'

/** A string of random characters. burst seeds Math.random inside a user. */
function randomText(length: number, characters = 'abcdefghijklmnopqrstuvwxyz'): string {
  return Array.from({ length }, () => characters[Math.floor(Math.random() * characters.length)]).join('')
}

class SoapUsers extends HttpUser {
  iteration = 0

  @task
  async soapUsers() {
    this.iteration++
    // TODO variables.jmx:52: UserParameters User Parameters: all users have the first of these values
    // TODO variables.jmx:103: XPath2Extractor XPath2 quoteId: this has no counterpart
    // TODO variables.jmx:112: XPathExtractor XPath title: this has no counterpart
    // TODO variables.jmx:133: SizeAssertion Size: this has no counterpart
    await this.http
      .post('/ws', {
        body: `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><q account="${this.random.int(1000, 9999)}" n="${100 + (this.iteration - 1) * 5}" region="eu"/></soapenv:Body></soapenv:Envelope>`,
        headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '"urn:getQuote"' },
      })
      .expect({ body: /<status>OK<\/status>/ })
      .expect({ body: /quote/ })
    await this.http.put('/ws/quotes/:quoteId', {
      params: { quoteId: this.vars.quoteId ?? '' },
      body: `<accept by="${this.index + 1}" at="TODO" rnd="${randomText(8, 'abcdef')}"/>`,
      headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '"urn:getQuote"' },
    })
    await this.http.get('/ws/echo', {
      query: {
        host: 'TODO',
        ip: 'TODO',
        prop: this.vars['user.name'] ?? 'x',
        log: 'TODO',
        t: 'TODO',
        s: 'TODO',
        v: this.vars['region_${n}'] ?? '',
        e: 'TODO',
        d: 'TODO',
        c: this.iteration,
        i: 6,
        f: 'TODO',
        x: 'TODO',
        b: 'TODO',
      },
      headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '"urn:getQuote"' },
    })
  }
}

// TODO variables.jmx:70: ThreadGroup SOAP users: pass --iterations 10 to burst run; it applies to each user
// TODO variables.jmx:34: RandomVariableConfig Random Variable: here each use of the variable draws another number, without a format
// TODO variables.jmx:43: CounterConfig Counter: here each user counts its own iterations, without an end or a format
// TODO variables.jmx:146: ${__timeShift(yyyy-MM-dd,,P1D,,)}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:166: ${__machineName}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:173: ${__machineIP}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:187: ${__log(hi)}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:194: ${__threadGroupName}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:201: ${__samplerName}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:215: ${__eval(${region})}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:222: ${__RandomDate(,,2030-01-01,,)}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:243: ${__StringFromFile(names.txt,,,)}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:250: ${__digest(SHA-256,${region},,,)}: this function has no counterpart; the string TODO replaces its value
// TODO variables.jmx:257: ${__base64Encode(abc)}: this function has no counterpart; the string TODO replaces its value
export default scenario({
  host: 'http://localhost:8080',
  users: [SoapUsers],
  load: [ramp(5, '0s'), hold('10m')],
})
