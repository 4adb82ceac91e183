import { HttpUser, type Response, constant, hold, ramp, scenario, task } from 'burst'

// TODO unsupported.js:7: grpc.Client has no counterpart: const client = new grpc.Client();
// TODO unsupported.js:8: client.load(['definitions'], 'hello.proto');

class Page {
  user: HttpUser
  url: any

  constructor(user: HttpUser, url: any) {
    this.user = user
    this.url = url
  }

  async open() {
    return await this.user.http.get(this.url).check('status is below 400', (response) => response.ok)
  }
}

/** Records each check as a sample, because the checks do not belong to a request. Returns true if all checks hold. */
function checkAll<T>(user: HttpUser, value: T, checks: Readonly<Record<string, (value: T) => boolean>>): boolean {
  const results = Object.entries(checks).map(([name, holds]) => ({ name, isHeld: holds(value) }))
  for (const { name, isHeld } of results) {
    user.record({ method: 'CHECK', name, ms: 0, error: isHeld ? null : 'does not hold' })
  }
  return results.every(({ isHeld }) => isHeld)
}

/** The cookies that the script sets for a user. The header with these cookies replaces the cookies that servers set. */
function cookieJar({ http }: HttpUser) {
  const cookies = () => new Map((http.headers.get('cookie') ?? '').split('; ').filter(Boolean).map(pairOf))
  const pairOf = (text: string): [string, string] => [text.split('=')[0]!, text.slice(text.indexOf('=') + 1)]
  const send = (all: Map<string, string>) =>
    http.headers.set('cookie', [...all].map(([name, value]) => `${name}=${value}`).join('; ') || null)
  return {
    set: (_url: string, name: string, value: unknown, _options?: object) => send(cookies().set(name, String(value))),
    cookiesForURL: (_url: string): Record<string, string[]> =>
      Object.fromEntries([...cookies()].map(([name, value]) => [name, [value]])),
    delete: (_url: string, name: string) => send(new Map([...cookies()].filter(([other]) => other !== name))),
    clear: (_url?: string) => http.headers.delete('cookie'),
  }
}

/** Returns the value of a cookie that the response sets. */
function cookieOf({ headers }: Response, name: string): string | undefined {
  const cookie = headers.getSetCookie().find((one) => one.startsWith(`${name}=`))
  return cookie?.slice(name.length + 1).split(';')[0]
}

class Visitor extends HttpUser {
  wait = constant(1)

  @task
  async visit() {
    const page = new Page(this, '/')
    await page.open()
    const socket = await this.ws('/ws')
    await socket.close()
    // TODO unsupported.js:28: if a connection cannot be opened, burst counts a failed request: check(res, { 'status is 101': (r) => r && r.status === 101 });
    // TODO unsupported.js:29: client.connect('a.example.com:443', {});
    // TODO unsupported.js:30: this jar contains only cookies of the script, which replace the cookies that servers set: const jar = http.cookieJar();
    const jar = cookieJar(this)
    jar.set('https://a.example.com', 'k', 'v')
    // TODO unsupported.js:32: this header replaces the cookies that servers have set: const home = http.get('https://a.example.com/', { cookies: { a: 'b' } });
    const homeRequest = this.http
      .get('/', { headers: { cookie: 'a=b' } })
      .check('status is below 400', (response) => response.ok)
    const homePage = await homeRequest.html()
    const home = await homeRequest
    const title = homePage.querySelector('title')?.textContent ?? ''
    // TODO unsupported.js:37: a scenario cannot read timings.waiting; latencyMs is the whole duration: 'quick': (r) => r.timings.waiting < 200,
    checkAll(this, home, {
      'title is right': () => title === 'A',
      'is small': (r) => r.body.length < 1000000,
      quick: (r) => r.latencyMs < 200,
    })
    await this.send('/send', {}, { headers: { c: 'd' } })
    // TODO unsupported.js:41: response.tls_version has no counterpart: check(last, { 'has a cookie': (r) => r.cookies.sid[0].value === 'x', 'is new': (r) => r.tls_ve…
    const last = await this.http.get('/last').check({
      'has a cookie': (r) => (cookieOf(r, 'sid') ?? '') === 'x',
      'is ok': (r) => r.status === 200,
    })
    if (last.status > 300) await this.sleep(1)
    outer: for (const a of [1, 2]) {
      for (const b of [1, 2]) {
        if (a === b) continue outer
      }
    }
  }

  async send(path: any, { tags = {}, ...rest }: any, more: any) {
    return await this.http
      .post(path, { body: rest.body, headers: { ...more?.headers, 'x-a': 'b' } })
      .check('status is below 400', (response) => response.ok)
  }
}

export default scenario({
  host: 'https://a.example.com',
  users: [Visitor],
  load: [ramp(5, '0s'), hold('30s')],
})
