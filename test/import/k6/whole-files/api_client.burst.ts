import { HttpUser, between, constant, hold, ramp, scenario, task } from 'burst'

class ApiClient {
  user: HttpUser
  baseUrl: any
  token: any
  calls: any

  constructor(user: HttpUser, baseUrl: any, token: any = null) {
    this.user = user
    this.baseUrl = baseUrl
    this.token = token
    this.calls = 0
  }

  get headers() {
    const headers: Record<string, any> = { 'Content-Type': 'application/json', Accept: 'application/json' }
    if (this.token) headers.Authorization = `Bearer ${this.token}`
    return headers
  }

  async login(username: any, password: any) {
    const res = await this.user.http
      .post('/session', { json: { username, password }, headers: this.headers, name: 'Login' })
      .check('logged in', (r) => r.status === 201 && r.json().token !== '')
    this.calls += 1
    const ok = res.status === 201 && res.json().token !== ''
    this.user.record({ method: 'RATE', name: 'errors', ms: 0, error: ok ? null : 'counted' })
    if (ok) this.token = res.json().token
    return ok
  }

  async products(page = 1) {
    this.calls++
    const res = await this.user.http
      .get('/items', { query: { page }, headers: this.headers })
      .check('products listed', (r) => r.status === 200)
    if (!(res.status === 200)) this.user.record({ method: 'RATE', name: 'errors', ms: 0, error: 'counted' })
    return res.json()
  }

  async checkout(items: any) {
    const started = Date.now()
    const res = await this.user.http
      .post('/cart', { json: { items: items.map((item: any) => item.id) }, headers: this.headers, name: 'Checkout' })
      .check('status is below 400', (response) => response.ok)
    this.user.record({ method: 'TREND', name: 'checkout_time', ms: Date.now() - started })
    return res
  }

  static fromEnv(user: HttpUser) {
    return new ApiClient(user, '', user.vars.TOKEN || null)
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

/** Sends a request that is not part of the load. */
async function send(
  method: string,
  url: string,
  options: { json?: unknown; form?: object; body?: any; headers?: object; timeoutMs?: number } = {},
) {
  const { json, form, body, headers = {}, timeoutMs } = options
  const fields = form && new URLSearchParams(Object.entries(form).map(([name, value]) => [name, String(value)]))
  const response = await fetch(url, {
    method,
    body: json === undefined ? (fields ?? body) : JSON.stringify(json),
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    signal: timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs),
  })
  const text = await response.text()
  return {
    ok: response.ok,
    status: response.status,
    headers: response.headers,
    body: text,
    json: () => JSON.parse(text),
  }
}

class Browse extends HttpUser {
  static weight = 5
  wait = between(1, 3)

  @task
  async browse() {
    const client = ApiClient.fromEnv(this)
    await this.step('Catalogue', async () => {
      const items = await client.products(1 + Math.floor(Math.random() * 3))
      for (const { id, name } of items.slice(0, 2)) {
        await this.http
          .get('/items/:id', { params: { id }, headers: client.headers })
          .check(`${name} has a name`, (r) => r.json().name === name)
      }
    })
  }
}

class Buy extends HttpUser {
  static weight = 2
  wait = constant(1)

  @task(1, { tags: ['buy'] })
  async buy() {
    const client = new ApiClient(this, '')
    if (!(await client.login(`user${this.index + 1}`, 'secret'))) return
    const items = await client.products()
    const res = await client.checkout(items)
    checkAll(this, res, { bought: (r) => r.status === 201 })
    console.log(`${client.calls} calls`)
  }
}

// TODO api_client.js:93: burst always writes report.html, report.json, junit.xml and CSV files: export function handleSummary(data) {
export default scenario({
  host: 'https://shop.example.com',
  users: [Browse, Buy],
  load: [ramp(2.5, '5s'), ramp(4.5, '0s'), ramp(7, '5s'), hold('20s'), ramp(2, '0s'), hold('5s')],
  thresholds: [
    'RATE errors: errors < 5%',
    'POST Checkout: p95 < 800ms',
    'tag:buy: errors < 1%',
    'TREND checkout_time: avg < 1s',
    'TREND checkout_time: p99 < 2s',
  ],
  beforeRun: async (run) => {
    const res = await send('GET', `${run.host}/health`)
    if (res.status !== 200) throw new Error(`the service is not ready: ${res.status}`)
    return { started: new Date().toISOString() }
  },
})
