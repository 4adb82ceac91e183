import { createHash, createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, type Response, between, csv, file, hold, ramp, scenario, task } from 'burst'

const photo = readFileSync(join(import.meta.dirname, './photo.bin'))
// TODO objects.js:18: redis.Client has no counterpart: const client = new redis.Client('redis://localhost:6379');
const users = JSON.parse(readFileSync(join(import.meta.dirname, './people.json'), 'utf8')).users
const rows = csv('./logins.csv', ['username', 'password']).random()
// TODO objects.js:39: httpx.Httpx has no counterpart: const session = new Httpx({
function useJar(jar: any, name: any) {
  jar.set('https://api.example.com', name, 'v')
  const cookies = jar.cookiesForURL('https://api.example.com')
  return cookies[name]
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

/** A metric that records samples of a user. By default, a rate counts values other than 0 and false as failures. */
function metricOf(user: HttpUser, method: string, name: string, isSuccess = false) {
  const add = (value: any, _tags?: object): void => {
    const ms = method === 'TREND' || method === 'GAUGE' ? Number(value) : 0
    const error = method === 'RATE' && Boolean(value) !== isSuccess ? 'counted' : null
    const times = method === 'COUNTER' ? Number(value) : 1
    for (let left = times; left >= 1; left--) user.record({ method, name, ms, error })
  }
  return { name, add }
}

class Visitor extends HttpUser {
  wait = between(1, 2)
  iteration = -1
  metrics = {
    login: metricOf(this, 'TREND', 'login'),
    items: { list: metricOf(this, 'TREND', 'items_list'), read: metricOf(this, 'RATE', 'items_ok', true) },
  }
  trends = [metricOf(this, 'TREND', 'login_time'), metricOf(this, 'TREND', 'item_time')]
  byName = new Map([['login', metricOf(this, 'TREND', 'login_time')]])

  @task
  async visit() {
    this.iteration++
    // TODO objects.js:68: this jar contains only cookies of the script, which replace the cookies that servers set: const jar = http.cookieJar();
    const jar = cookieJar(this)
    jar.set('https://api.example.com', 'theme', 'dark', { path: '/', max_age: 600 })
    // TODO objects.js:70: this jar contains only cookies of the script, which replace the cookies that servers set: const own = new http.CookieJar();
    const own = cookieJar(this)
    own.set('https://api.example.com', 'lang', 'en')
    // TODO objects.js:72: this header replaces the cookies that servers have set: const inJar = http.get('https://api.example.com/jar', { jar: own, cookies: { extra:…
    const inJar = await this.http.get('/jar', { headers: { cookie: 'extra=yes' } })
    // TODO objects.js:73: response.url has no counterpart: check(jar.cookiesForURL(inJar.url), { 'has theme': (c) => c.theme !== undefined && c.theme[0] === 'dark' }…
    checkAll(this, jar.cookiesForURL('TODO' as any), {
      'has theme': (c) => c.theme !== undefined && c.theme[0]! === 'dark',
    })
    jar.clear('https://api.example.com')
    useJar(jar, 'q')

    const form = new FormData()
    form.append('title', 'A photo')
    form.append('photo', new File([photo], 'photo.png', { type: 'image/png' }))
    await this.uploadForm(form)

    const url = new URL('https://api.example.com/search')
    url.searchParams.append('q', 'hat')
    url.searchParams.append('page', '2')
    const found = await this.http
      .get(`${url.pathname}${url.search}`)
      .check('status is below 400', (response) => response.ok)
    const query = new URLSearchParams([
      ['a', '1'],
      ['b', '2'],
    ])
    await this.http.get(`/query?${query.toString()}`)
    await this.http.get(`${url.pathname}${url.search}`)

    this.observe(metricOf(this, 'TREND', 'login_time'), found)
    this.observe(this.metrics.items.list, found)
    this.metrics.items.read.add(found.status === 200)
    this.trends.forEach((trend) => trend.add(12))
    this.byName.get('login')!.add(3)
    for (const trend of this.trends) {
      trend.add(1)
    }

    const secret = 'k3y'
    const body = JSON.stringify({ id: users[(this.index + 1) % users.length]!.id, ref: crypto.randomUUID() })
    const signature = createHmac('sha256', secret).update(body).digest('base64')
    const hasher = createHash('sha512')
    hasher.update(body)
    const digest = hasher.digest('hex')
    const h2 = createHmac('sha256', secret)
    h2.update('a')
    const token = `${Buffer.from('ann:pw').toString('base64')}.${Buffer.from(body).toString('base64url')}.${createHash('sha256').update(body).digest('hex')}.${createHash('md5').update('x').digest('hex')}`
    const plain = Buffer.from('aGVsbG8=', 'base64').toString()
    const bytes = new Uint8Array(Buffer.from('aGVsbG8=', 'base64'))
    const nonce = Buffer.from(randomBytes(16)).toString('base64')
    await this.http.post('/signed', {
      body,
      headers: {
        'X-Signature': signature,
        'X-Digest': digest,
        'X-Mac': h2.digest('base64url'),
        Authorization: `Basic ${token}`,
        'X-Plain': plain + bytes.length,
        'X-Nonce': nonce,
      },
      name: 'signed',
    })

    // TODO objects.js:114: execution.vu.tags has no counterpart: exec.vu.tags['mode'] = 'test';
    // TODO objects.js:115: execution.vu.metrics.tags has no counterpart: exec.vu.metrics.tags.region = 'eu';
    // TODO objects.js:116: utils.tagWithCurrentStageIndex has no counterpart: tagWithCurrentStageIndex();
    // TODO objects.js:117: in burst, each user counts its own iterations, so this number is not unique in the run: console.log(`vu ${exec.vu.idInInstance} iteration …
    console.log(`vu ${this.index + 1} iteration ${this.iteration} of default TODO TODO TODO TODO TODO TODO`)
    // TODO objects.js:118: execution.test.options.stages has no counterpart: const stage = exec.test.options.stages;
    // TODO objects.js:119: execution.instance.currentTestRunDuration has no counterpart: if (exec.instance.currentTestRunDuration > 1e9) exec.test.abort('too long');

    // TODO objects.js:121: client.set('key', 'value', 10);
    // TODO objects.js:122: const cached = client.get('key');

    // TODO objects.js:124: const me = session.get('/me');
    // TODO objects.js:125: session.addHeader('Authorization', `Bearer ${me.json('token')}`);
    // TODO objects.js:126: session.post('/orders', JSON.stringify({ n: numbers[2] }), { headers: { 'Content-Type': 'application/json' } });
    await this.step('Items', async () => {
      const res = await this.http.get('/items').check('status is below 400', (response) => response.ok)
      // TODO objects.js:129: chai.expect has no counterpart: expect(res.status, 'status').to.equal(200);
      // TODO objects.js:130: chai.expect has no counterpart: expect(res).to.have.validJsonBody();
      // TODO objects.js:131: chai.expect has no counterpart: expect(res.json().length, 'number of items').to.be.above(0);
    })

    const responses = await Promise.all([
      this.http.get('/a').check('status is below 400', (response) => response.ok),
      this.http.get('/b').check('status is below 400', (response) => response.ok),
    ])
    responses.forEach((res, i) => this.record({ method: 'TREND', name: 'item_time', ms: res.latencyMs }))
    const row = rows.next()
    await this.http.post('/rows', { multipart: { name: row.username, file: file('photo.bin') } })
    const wide = await this.http
      .get('/wide', { timeout: '10s' })
      .check('ok', (r) => r.status === 200 && r.body.length > 0)
    if (!(wide.status === 200 && wide.body.length > 0)) throw new Error('no wide')
  }

  observe(trend: any, res: Response) {
    trend.add(res.latencyMs)
    if (res.status >= 400) this.record({ method: 'COUNTER', name: 'failures', ms: 0 })
  }

  async uploadForm(form: any) {
    return await this.http.post('/upload', { body: form }).check('status is below 400', (response) => response.ok)
  }
}

// TODO objects.js:46: pass --iterations 1 to burst run; the number applies to each user: vus: 1, iterations: 1,
export default scenario({
  host: 'https://api.example.com',
  users: [Visitor],
  load: [ramp(1, '0s'), hold('10m')],
  thresholds: ['TREND login_time: p95 < 500ms', 'RATE items_ok: errors < 10%'],
})
