import { type Server, createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ended, listening } from '../../../../../targets/server.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'

const scenario = (host: string): string => `
import { HttpUser, file, scenario } from 'burst'
const told = []
const picture = file('picture.png')
const ends = async (name, call) => told.push(name + ': ' + await Promise.resolve().then(call).then((value) => JSON.stringify(value) ?? 'done', (error) => error.name + ' ' + error.message))
class U extends HttpUser {
  tasks = { all: 1 }
  async all() {
    const { http } = this
    const page = await http.get('/to-page').html()
    await ends('page', () => [page.url.replace('${host}', ''), page.querySelector('h1').textContent, page.querySelectorAll('form').length, page.querySelector('#none')])
    const login = page.form('#login')
    await ends('form', () => [login.method, login.action.replace('${host}', ''), login.fields])
    await login.submit({ user: 'ann', password: 'se cret&', remember: true, note: 'a\\nb', extra: 1 }).expect(200)
    await login.submit({ news: false, color: ['red', 'blue'], csrf: undefined }, { button: '#other', name: 'other button', headers: { 'x-a': 'b' } })
    await page.form('form.search').submit({ q: 'hats & coats' })
    await page.form('#upload').submit({ photo: picture, title: 'ä' })
    await page.form('#upload').submit()
    await page.form('#plain').submit({ a: '1' })
    await ends('away', () => page.form('#away').submit())
    await ends('script', () => page.form('#script').submit())
    await ends('dialog', () => page.form('#dialog').submit())
    await ends('no form', () => page.form('#nothing'))
    await ends('no button', () => login.submit({}, { button: '#nothing' }))
    await ends('file in a plain form', () => login.submit({ user: picture }))
    const responses = await page.resources()
    await ends('resources', () => responses.map((one) => one.status))
    await ends('grouped', async () => (await (await http.get('/small', { name: 'small' }).html()).resources({ name: 'resources' })).length)
    await ends('json', () => http.get('/json').html())
    await ends('error', () => http.get('/missing').html())
    await ends('empty', async () => (await http.get('/empty').html()).querySelectorAll('*').length)
    await ends('/nested', () => http.get('/nested').html())
    const levels = await http.get('/levels').html()
    await ends('levels', () => levels.querySelectorAll('i').length + levels.querySelector('html').textContent)
    for (const selector of ['#a:b[', '', 'p:nope', ':has(>>>', 5]) await ends('selector', () => page.querySelector(selector))
    await ends('selectors', () => page.querySelectorAll('[a="'))
    // This request must be the last one. On a busy machine, the worker may need more than 5 s to reject the page. After such a block, burst sends no
    // request before it has read the control file of the coordinator.
    await ends('/formatting', () => http.get('/formatting').html())
    for (const [at, text] of told.entries()) this.record({ method: 'T', name: at + ' ' + text, ms: 0 })
  }
}
export default scenario({ host: '${host}', users: [U] })
`

const page = `<!doctype html><html><head><title>a <b> title</title><base href="/deep/">
<link rel="stylesheet" href="style.css"><link rel="canonical" href="/canonical"><link rel="shortcut icon" href="/icon.png">
<script src="app.js"></script><script>document.write('<form id="written"></form><img src="/written.png">')</script></head>
<body><h1>Sign in &amp; more</h1>
<form id="login" method="post" action="sign-in?step=1#top">
  <input type="hidden" name="csrf" value="t&quot;1"><input name="user"><input type="password" name="password" value="">
  <input type="checkbox" name="remember"> <input type="checkbox" name="news" value="weekly" checked>
  <input type="radio" name="size" value="s"><input type="radio" name="size" value="m" checked>
  <select name="country"><option value="">choose<option disabled>X</option></select>
  <select name="color" multiple><option selected>red</option><option value="g" selected>green</option><option>blue</option></select>
  <textarea name="note">
one <i>two</i></textarea>
  <input name="off" value="1" disabled><fieldset disabled><input name="inner" value="1"></fieldset><input value="nameless">
  <button type="button" name="b" value="1">No</button><button name="go" value="in">Go</button>
  <input type="submit" id="other" name="go" value="other" formaction="/other" formmethod="POST">
</form>
<input form="login" name="outside" value="yes">
<form class="search" action="/search?old=1"><input name="q"><input type="image" src="/go.png"></form>
<form id="upload" method="POST" action="/upload" enctype="multipart/form-data"><input name="title"><input type="file" name="photo"></form>
<form id="plain" method="post" enctype="text/plain" action="/plain"><input name="a"></form>
<form id="away" method="post" action="https://other.example/pay"></form><form id="script" action="javascript:go()"></form><form id="dialog" method="dialog"></form>
<img src="/a/:b.png"><img src="/a/:b.png#x"><img src="data:image/png;base64,AAAA"><img src="https://cdn.example/away.png"><video poster="poster.jpg"></video>
</body></html>`

interface Seen {
  line: string
  type: string
  referer: string | undefined
  origin: string | undefined
  body: string
}

let server: Server
let host = ''
let result: SliceRunResult
const seen: Seen[] = []

/** A page with 400 formatting elements, which the parser adds again in each of 600 paragraphs. */
const formatting = `<p>${Array.from({ length: 400 }, (_, i) => `<b id=${i}>`).join('')}${'<p>x'.repeat(600)}`

function answerOf(url: string): [status: number, type: string, body: string] {
  if (url === '/page') return [200, 'text/html; charset=utf-8', page]
  if (url === '/small') return [200, 'application/xhtml+xml', '<img src="1.png"><img src="2.png">']
  if (url === '/json') return [200, 'application/json', '{}']
  if (url === '/nested') return [200, 'text/html', '<div>'.repeat(200_000)]
  if (url === '/levels') return [200, 'text/html', `${'<i>'.repeat(500)}😀${'</i>'.repeat(500)}<p>x</p>`.repeat(9)]
  if (url === '/formatting') return [200, 'text/html', formatting]
  if (url === '/missing') return [404, 'text/html', 'no']
  return [200, 'text/html', '']
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('latin1').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const { method, url = '', headers } = request
      seen.push({
        line: `${method} ${url}`,
        type: headers['content-type'] ?? '',
        referer: headers.referer,
        origin: headers.origin,
        body,
      })
      if (url === '/to-page') return response.writeHead(302, { location: '/page' }).end()
      const [status, type, text] = answerOf(url)
      return response.writeHead(status, { 'content-type': type }).end(text)
    })
  })
  host = await listening(server)
  result = await runSlice({
    scenario: scenario(host),
    host,
    options: { users: 1, iterations: 1, runTimeMs: 60_000 },
    files: { 'picture.png': 'PNG' },
  })
})
afterAll(() => ended(server))

const told = (): string[] =>
  [...result.window.metrics.keys()]
    .filter((key) => key.startsWith('T '))
    .map((key) => key.slice(2))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => name.replace(/^\d+ /, ''))
const sent = (line: string): Seen[] => seen.filter((one) => one.line === line)

describe('a form of a page', () => {
  test('a form has the fields that a browser would send, including hidden fields', () => {
    const fields = [
      ['csrf', 't"1'],
      ['user', ''],
      ['password', ''],
      ['news', 'weekly'],
      ['size', 'm'],
      ['country', ''],
      ['color', 'red'],
      ['color', 'g'],
      ['note', 'one <i>two</i>'],
      ['go', 'in'],
      ['outside', 'yes'],
    ]
    expect(told().slice(0, 2)).toEqual([
      'page: ["/page","Sign in & more",7,null]',
      `form: ${JSON.stringify(['POST', '/deep/sign-in?step=1', fields])}`,
    ])
  })

  test('a form is sent to its action with the headers of a browser, and values that the scenario sets replace the values in the page', () => {
    const [first] = sent('POST /deep/sign-in?step=1')
    expect(first).toMatchObject({ type: 'application/x-www-form-urlencoded', referer: `${host}/page`, origin: host })
    expect(first?.body).toBe(
      'csrf=t%221&user=ann&password=se+cret%26&remember=on&news=weekly&size=m&country=&color=red&color=g&note=a%0D%0Ab&go=in&outside=yes&extra=1',
    )
    const [other] = sent('POST /other')
    expect(other?.body).toBe(
      'user=&password=&size=m&country=&color=red&color=blue&note=one+%3Ci%3Etwo%3C%2Fi%3E&go=other&outside=yes',
    )
  })

  test('a form is sent with its method and its enctype', () => {
    expect(sent('GET /search?q=hats+%26+coats&x=0&y=0')).toHaveLength(1)
    const [withFile, without] = sent('POST /upload')
    expect(withFile?.type).toMatch(/^multipart\/form-data; boundary=/)
    expect(withFile?.body).toContain('name="photo"; filename="picture.png"\r\ncontent-type: image/png\r\n\r\nPNG\r\n')
    expect(without?.body).toContain('name="photo"; filename=""\r\ncontent-type: application/octet-stream\r\n\r\n\r\n')
    expect(sent('POST /plain')).toEqual([expect.objectContaining({ type: 'text/plain', body: 'a=1\r\n' })])
  })

  test('a form that cannot be sent throws an error that says why', () => {
    expect(told().slice(2, 8)).toEqual([
      "away: Error the form is sent to other.example, which the scenario does not name: add the host to 'allow' of the scenario",
      'script: Error the action of the form is "javascript:go()", which is not an http or https URL',
      'dialog: Error the form closes a dialog and is not sent',
      expect.stringMatching(
        /^no form: Error the page \/page has no form '#nothing': its forms are #login, form\[action/,
      ),
      'no button: Error the form has no button "#nothing"',
      expect.stringMatching(/^file in a plain form: TypeError the field "user" is .*multipart/),
    ])
  })
})

describe('a page', () => {
  test('each resource that a browser would fetch for a page is fetched once, and only from hosts that the scenario names', () => {
    const fetched = seen.filter(({ line, referer }) => /^GET \/(?!search)/.test(line) && referer === `${host}/page`)
    expect(fetched.map(({ line }) => line).toSorted()).toEqual(
      ['/a/%3Ab.png', '/deep/app.js', '/deep/poster.jpg', '/deep/style.css', '/go.png', '/icon.png'].map(
        (path) => `GET ${path}`,
      ),
    )
    expect(told().slice(8, 10)).toEqual(['resources: [200,200,200,200,200,200]', 'grouped: 2'])
    const names = [...result.window.requests.values()].map(({ name, requests }) => `${name} ${requests}`)
    expect(names).toEqual(
      expect.arrayContaining(['resources 2', '/deep/style.css 1', 'other button 1', '/deep/sign-in 1']),
    )
  })

  test('a response that is not HTML fails its request and ends the task', () => {
    expect(told().slice(10, 13)).toEqual([
      'json: TaskEnd the body is not HTML: its content-type is application/json',
      'error: TaskEnd HTTP 404',
      'empty: 3',
    ])
  })
  test('a request fails if its page is nested too deeply or has too many elements, so that the page cannot delay the worker', () => {
    expect([...told().slice(13, 15), told().at(-1)]).toEqual([
      '/nested: TaskEnd the elements of the page are nested more than 512 levels deep',
      `levels: "4500${'😀x'.repeat(9)}"`,
      '/formatting: TaskEnd the page has more than 200,000 elements',
    ])
  })

  test('an invalid selector throws an error that names the selector', () => {
    expect(told().slice(15, -1)).toEqual([
      "selector: Error '#a:b[' is not a CSS selector: Expected name, found ",
      expect.stringMatching(/^selector: Error '' is not a CSS selector: /),
      "selector: Error 'p:nope' is not a CSS selector: Unknown pseudo-class :nope",
      expect.stringMatching(/^selector: Error ':has\(>>>' is not a CSS selector: /),
      'selector: TypeError a CSS selector is a string, not number',
      `selectors: Error '[a="' is not a CSS selector: Attribute value didn't end`,
    ])
  })
})
