import { HttpUser, type Response, csv, hold, ramp, scenario, task } from 'burst'

const accounts = csv('./members.csv', ['username', 'password']).unique({ recycle: true })

function params(step: any, extra: any = {}) {
  return { tags: { name: step, ...extra }, headers: { 'Accept-Language': 'en', 'X-Step': `${step}` } }
}

// TODO forms.ts:34: chain .expect([statuses]) to each request: http.setResponseCallback(http.expectedStatuses(200, 201, { min: 300, max: 399 }));
function pick(list: any) {
  return list[Math.floor(Math.random() * list.length)]
}

/** Records each check as a sample, because the checks do not belong to a request. Returns true if all checks hold. */
function checkAll<T>(user: HttpUser, value: T, checks: Readonly<Record<string, (value: T) => boolean>>): boolean {
  const results = Object.entries(checks).map(([name, holds]) => ({ name, isHeld: holds(value) }))
  for (const { name, isHeld } of results) {
    user.record({ method: 'CHECK', name, ms: 0, error: isHeld ? null : 'does not hold' })
  }
  return results.every(({ isHeld }) => isHeld)
}

class Visitor extends HttpUser {
  @task
  async visit() {
    const { username, password } = accounts.next()
    let csrf: any

    await this.step('login', async () => {
      const page = await this.http
        .get('/login', { headers: params('home')?.headers })
        .check('status is below 400', (response) => response.ok)
        .html()
      csrf = page.querySelector('input[name=csrf_token]')?.getAttribute('value') ?? ''
      const res = await this.http
        .post('/login', {
          form: { csrf_token: csrf, user: username, password },
          headers: params('login')?.headers,
          redirects: 0,
        })
        .check('status is below 400', (response) => response.ok)
      if (!this.assertOk(res, 'login')) {
        this.record({ method: 'COUNTER', name: 'login_failures', ms: 0 })
        return
      }
      switch (res.status) {
        case 200:
        case 201:
          console.debug(`in as ${username}`)
          break
        default:
          await this.sleep(0.1)
      }
    })

    let cursor: any = 1
    while (true) {
      const items = await this.http.get('/items', { query: { cursor, limit: '10' } }).json()
      if (!Array.isArray(items) || items.length === 0) break
      const [first, ...others] = items
      await Promise.all(
        [first, ...others].map(({ id }: any) =>
          this.http.get('/items/:id', { params: { id }, headers: params('home')?.headers }),
        ),
      )
      cursor = items.length === 10 ? cursor + 1 : null
      if (!(cursor !== null && cursor < 4)) break
    }

    const payload = { q: pick(['hat', 'shoe']), filters: { size: [1, 2], colour: null } }
    const found = await this.http
      .post('/search', { json: payload, timeout: '5s' })
      .check('status is below 400', (response) => response.ok)
    const total = found.json().flights.length ?? 0
    checkAll(this, found, {
      'found something': () => total > 0,
      'is JSON': (r) => (r.headers.get('content-type') || '').includes('json'),
    })
    await this.sleep(Number(this.vars.THINK_TIME || 1))
  }

  assertOk(res: Response, what: any) {
    const passed = checkAll(this, res, {
      [`${what}: status`]: ({ status }) => status >= 200 && status < 400,
      [`${what}: fast`]: (r) => r.latencyMs < 1500,
    })
    this.record({ method: 'RATE', name: 'ok', ms: 0, error: passed ? 'counted' : null })
    return passed
  }
}

// TODO forms.ts:24: the option tags is not translated: tags: { team: 'web' },
// TODO forms.ts:22: the threshold of login_failures has no counterpart: thresholds: { checks: ['rate>0.99'], http_req_duration: ['med<200', 'p(95)<600'], login_f…
export default scenario({
  host: 'https://www.example.com',
  users: [Visitor],
  load: [ramp(20, '1m'), hold('3m'), ramp(0, '30s')],
  thresholds: ['CHECK found something: errors < 1%', 'CHECK is JSON: errors < 1%', 'p50 < 200ms', 'p95 < 600ms'],
})
