import { createHmac, randomBytes } from 'node:crypto'
import { HttpUser, type Response, scenario, task } from 'burst'

const BASE = 'https://shop.example.com'
const ENDPOINTS = {
  list: { path: '/things', weight: 6 },
  create: { path: '/things', weight: 3, body: (n: any) => ({ name: `thing ${n}` }) },
}

function pick(): any {
  let left = Math.random() * 9
  for (const [name, endpoint] of Object.entries(ENDPOINTS)) {
    left -= endpoint.weight
    if (left <= 0) return [name, endpoint]
  }
  return ['list', ENDPOINTS.list]
}

function* numbers(last: any) {
  for (let page = 1; page <= last; page++) {
    yield page
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
  iteration = -1

  @task
  async visit() {
    this.iteration++
    // TODO language.js:34: this jar contains only cookies of the script, which replace the cookies that servers set: const jar = http.cookieJar();
    const jar = cookieJar(this)
    jar.set(BASE, 'consent', 'yes')
    for await (const item of this.items()) {
      await this.http.get('/items/:id', { params: { id: item.id } })
    }
    const [a, b] = await Promise.all([
      this.http.post('/pizza', { json: { max: 3 } }).check('status is below 400', (response) => response.ok),
      this.http.get('/names').check('status is below 400', (response) => response.ok),
    ])
    checkAll(this, a, { pizza: (r) => r.json().name.length > 0 })
    checkAll(this, b, { names: (r) => r.json().items.length > 0 })
    if (cookieOf(b, 'session')) console.log('has a session')

    const [name, { path, body }] = pick()
    const payload = body ? JSON.stringify(body(this.iteration)) : null
    // TODO language.js:51: this header replaces the cookies that servers have set: const res = http.post(`${BASE}${path}`, payload, { headers: { accept: 'application…
    const res = await this.http
      .post(path, { body: payload ?? undefined, headers: { cookie: 'lang=en', accept: 'application/json' } })
      .check('status 2xx', ({ status }) => status >= 200 && status < 300)
    const passed = res.status >= 200 && res.status < 300
    this.record({ method: 'RATE', name: 'my_errors', ms: 0, error: passed ? null : 'counted' })

    const h = createHmac('sha256', 'key')
    h.update(name)
    await this.http.put('/raw', { body: randomBytes(16), headers: { 'X-Sig': h.digest('hex') } })

    // TODO language.js:59: execution.instance.iterationsCompleted has no counterpart: if (instance.iterationsCompleted > 1000) {
    // TODO language.js:60: this request is not sent: http.get(`${BASE}/late`);
    const responses = await Promise.all([
      this.http.get('/a.css').check('status is below 400', (response) => response.ok),
      this.http.get('/b.js').check('status is below 400', (response) => response.ok),
    ])
    for (const key of responses.keys()) {
      checkAll(this, responses[key]!, {
        'asset ok': (r) => {
          return r.status == 200
        },
      })
    }
    let tries = 0
    retry: while (true) {
      for (let i = 0, n = 3; i < n; i++) {
        if ((await this.http.head('/ready')).status === 200) break retry
        if (++tries > 2) break retry
      }
      await this.sleep(0.1)
    }
  }

  async *items() {
    for (const page of numbers(2)) {
      yield* (await this.http.get('/flights', { query: { page } }).json()).items
    }
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Visitor],
})
