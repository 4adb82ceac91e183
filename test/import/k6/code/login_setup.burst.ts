import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'

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

class Visitor extends HttpUser {
  wait = constant(1)

  @task
  async visit() {
    await this.step('shop', async () => {
      const items = (
        await this.http
          .get('/api/items', {
            query: { page: '1', size: '20' },
            headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.data.token}` },
          })
          .check('items: 200', (r) => r.status === 200)
          .json()
      ).items
      this.record({ method: 'COUNTER', name: 'items_seen', ms: 0, bytes: items.length })

      const item = items[0]
      await this.http
        .get('/api/items/:id', {
          params: { id: item.id },
          headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.data.token}` },
        })
        .check({
          'item: 200': (r) => r.status === 200,
          'item has a name': (r) => r.json().name !== undefined,
        })

      const res = await this.http
        .post('/api/cart', {
          json: { product: item.id, count: 2 },
          headers: { Authorization: `Bearer ${this.data.token}` },
          name: 'cart',
        })
        .check('in the cart', (r) => r.status === 201)
      const ok = res.status === 201
      this.record({ method: 'RATE', name: 'login_failures', ms: 0, error: ok ? null : 'counted' })
      this.record({ method: 'TREND', name: 'cart_time', ms: res.latencyMs })
      if (!ok) {
        console.log(`cart answered ${res.status}`)
        return
      }
      await this.sleep(0.5)
    })
  }
}

// TODO login_setup.js:69: burst always writes report.html, report.json, junit.xml and CSV files: export function handleSummary(data) {
export default scenario({
  host: 'https://shop.example.com',
  users: [Visitor],
  load: [ramp(10, '0s'), hold('1m')],
  thresholds: [
    'POST cart: p95 < 400ms',
    'shop: p95 < 3s',
    'RATE login_failures: errors < 5%',
    'TREND cart_time: avg < 300ms',
    'rps > 5',
  ],
  abortOn: [{ threshold: 'RATE login_failures: errors < 5%', over: '10s' }],
  beforeRun: async (run) => {
    // TODO login_setup.js:26: the parameter timeout of a request in setup or teardown is not translated: const res = http.post(`${BASE}/session`, JSON.stringify({ us…
    const res = await send('POST', `${run.host}/api/session`, {
      json: { user: run.vars.USERNAME || 'ann@example.com', password: run.vars.PASSWORD ?? '' },
    })
    if (!(res.status === 200 || res.status === 201)) throw new Error('cannot log in')
    return { token: res.json().token }
  },
  afterRun: async (run) => {
    const data = run.data as any
    await send('DELETE', `${run.host}/api/session`, { headers: { Authorization: `Bearer ${data.token}` } })
  },
})
