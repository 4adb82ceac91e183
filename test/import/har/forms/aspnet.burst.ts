import { HttpUser, constant, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = constant(3)

  async onStart() {
    this.http.headers.set('accept', 'text/html')
    this.http.headers.set('accept-language', 'en-US,en;q=0.9')
    this.http.headers.set(
      'user-agent',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36',
    )
  }

  /** /Login.aspx, then /Orders */
  @task
  async loginAspx() {
    const page = await this.http.get('/Login.aspx').html()
    const viewstategenerator = page.querySelector('input[name="__VIEWSTATEGENERATOR"]')?.getAttribute('value') ?? ''
    const viewstate = page.querySelector('input[name="__VIEWSTATE"]')?.getAttribute('value') ?? ''
    const eventvalidation = page.querySelector('input[name="__EVENTVALIDATION"]')?.getAttribute('value') ?? ''
    await this.http.get('/WebResource.axd', { query: { d: 'abc', t: '637' } })
    await this.sleep(4)
    // TODO aspnet.har: entry 3: ctl00$password: set the secret with --var ctl00_password=…
    const page2 = await this.http
      .post('/Login.aspx', {
        form: {
          __EVENTTARGET: '',
          __VIEWSTATE: viewstate,
          __VIEWSTATEGENERATOR: viewstategenerator,
          __EVENTVALIDATION: eventvalidation,
          ctl00$user: 'ann',
          ctl00$password: this.vars.ctl00_password ?? '',
          ctl00$login: 'Log in',
        },
        headers: { origin: 'https://portal.example.com' },
      })
      .html()
    const viewstate2 = page2.querySelector('input[name="__VIEWSTATE"]')?.getAttribute('value') ?? ''
    const eventvalidation2 = page2.querySelector('input[name="__EVENTVALIDATION"]')?.getAttribute('value') ?? ''
    await this.sleep(3)
    const id = (
      await this.http
        .post('/Grid.aspx', {
          form: {
            __EVENTTARGET: 'ctl00$grid',
            __EVENTARGUMENT: 'Page$2',
            __VIEWSTATE: viewstate2,
            __EVENTVALIDATION: eventvalidation2,
          },
          headers: { 'x-requested-with': 'XMLHttpRequest' },
        })
        .json()
    ).rows[0].id
    const response = await this.http
      .post('/Grid.aspx', {
        form: {
          __EVENTTARGET: 'ctl00$grid',
          __EVENTARGUMENT: 'Page$2',
          __VIEWSTATE: viewstate2,
          __EVENTVALIDATION: eventvalidation2,
        },
        headers: { 'x-requested-with': 'XMLHttpRequest' },
      })
      .expect((found) => found.ok)
    const viewstate3 = /\|__VIEWSTATE\|([^|]+)\|/.exec(response.body)?.[1] ?? ''
    const eventvalidation3 = /\|__EVENTVALIDATION\|([^|]+)\|/.exec(response.body)?.[1] ?? ''
    // TODO aspnet.har: entry 6: __PREVIOUSPAGE: no recorded response contains the value of this field
    const page3 = await this.http
      .post('/Grid.aspx', {
        form: { __VIEWSTATE: viewstate3, __EVENTVALIDATION: eventvalidation3, __PREVIOUSPAGE: 'TODO' },
        headers: { 'x-requested-with': 'XMLHttpRequest' },
      })
      .html()
    const tok = page3.querySelectorAll('input[name="tok"]')[1]?.getAttribute('value') ?? ''
    await this.http.post('/Second.aspx', {
      query: { _: Date.now() },
      form: { tok },
      headers: { 'x-requested-with': 'XMLHttpRequest' },
    })
    await this.sleep(3)
    const page4 = await this.http.get('/Orders/:id', { params: { id } }).html()
    const requestVerificationToken =
      page4.querySelector('input[name="__RequestVerificationToken"]')?.getAttribute('value') ?? ''
    await this.sleep(6)
    // TODO aspnet.har: entry 9: a.png: the content of the file was not recorded
    await this.http.post('/Orders/Create', {
      multipart: {
        __RequestVerificationToken: requestVerificationToken,
        note: 'line 1\r\nline 2',
        file: { content: 'hello\n', filename: 'scan.txt', type: 'text/plain' },
        img: { content: 'TODO', filename: 'a.png', type: 'image/png' },
      },
    })
    await this.http.post('/api/save', {
      json: { a: 1 },
      headers: { requestverificationtoken: requestVerificationToken },
    })
    await this.http.get('https://www.google-analytics.com/collect', { query: { v: '1' } })
  }
}

// TODO aspnet.har: entry 12: WebSocket wss://portal.example.com/signalr: this connection and its messages are left out; open it with this.ws
export default scenario({
  host: 'https://portal.example.com',
  users: [Visitor],
})
