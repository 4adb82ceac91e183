import { HttpUser, hold, ramp, scenario, task } from 'burst'

class Buyers extends HttpUser {
  csrf = ''
  next = ''
  product = ''
  title = ''
  last = ''
  orderId = ''
  currency = ''
  state = ''
  lines = ''
  price: string[] = []

  @task
  async buyers() {
    const page = await this.http.get('/login').html()
    this.csrf = page.querySelector('input[name="csrf_token"]')?.getAttribute('value') ?? 'none'
    // TODO fragments/sign_in.jmx:35: SizeAssertion 'Not empty': this element has no counterpart
    await this.http.post('/login', { query: { token: this.csrf } })
    await this.http.get('/logout')
    // TODO includes.jmx:30: IncludeController 'Shared steps': C:\load\shared\search.jmx is not included; import it separately, and copy its steps
    // TODO includes.jmx:34: IncludeController 'Above': ../common/logout.jmx is not included; import it separately, and copy its steps
    // TODO includes.jmx:38: IncludeController 'Missing': fragments/missing.jmx is not included; import it separately, and copy its steps
    // TODO includes.jmx:81: XPathExtractor 'last row': read this XPath from the response: //tr[last()]/td
    const page2 = await this.http.get('/catalogue').html()
    this.next = page2.querySelector('a[class="next"]')?.getAttribute('href') ?? 'none'
    this.product = page2.querySelector('ul[id="products"] > li:nth-of-type(1) > a')?.textContent ?? ''
    this.price = page2.querySelectorAll('table[class*="prices"] td:nth-of-type(2)').map((one) => one.textContent)
    this.title = page2.querySelector('title')?.textContent ?? ''
    // TODO includes.jmx:113: XPath2Extractor 'state': read this XPath from the response: /order/state
    // TODO includes.jmx:121: XPath2Extractor 'whole': read this XPath from the response: //lines
    const response = await this.http.get('/orders.xml').expect((found) => found.ok)
    this.orderId = /<(?:[\w.-]+:)?orderId(?:\s[^>]*)?>([^<]*)</.exec(response.body)?.[1] ?? '0'
    this.currency = /<(?:[\w.-]+:)?total\s[^>]*?\bcurrency=["']([^"']*)["']/.exec(response.body)?.[1] ?? ''
    await this.http.get('/use/:next/:product/:part/:title/:last/:orderId/:currency/:state/:lines', {
      params: {
        next: this.next,
        product: this.product,
        part: this.price[0] ?? '',
        title: this.title,
        last: this.last,
        orderId: this.orderId,
        currency: this.currency,
        state: this.state,
        lines: this.lines,
      },
    })
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Buyers],
  load: [ramp(4, '1s'), hold('29s')],
})
