import { HttpUser, hold, ramp, scenario, task } from 'burst'

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

class Clerks extends HttpUser {
  now = ''
  invoiceNo = ''
  invoiceId = ''

  @task
  async clerks() {
    this.beforeRequest()
    // TODO back_office.jmx:151: SizeAssertion 'size': this element has no counterpart
    const response = await this.http
      .post('/invoices', {
        form: { number: this.invoiceNo, created: this.now },
        headers: { Authorization: `Bearer ${this.data.adminToken}` },
        timeout: 20,
      })
      .check('status is below 400', (response) => response.ok)
    const body = response.body
    const from_ = body.indexOf('"id":')
    if (from_ === -1) {
      this.invoiceId = '0'
    } else {
      const rest = body.slice(from_ + 5)
      this.invoiceId = rest.slice(0, rest.indexOf(','))
    }
    console.log(`invoice ${this.invoiceId}`)
    this.beforeRequest()
    await this.http.get('/invoices/:invoiceId', {
      params: { invoiceId: this.invoiceId },
      headers: { Authorization: `Bearer ${this.data.adminToken}` },
      timeout: 20,
    })
  }

  private beforeRequest() {
    const now = new Date().toISOString().slice(0, 19)
    const number_ = Math.trunc(this.random.next() * 9000) + 1000
    this.now = now
    this.invoiceNo = `INV-${number_}`
  }
}

// TODO back_office.jmx:87: ThreadGroup 'Clerks': pass --iterations 10 to burst run; the number applies to each user
export default scenario({
  host: 'https://office.example.com:8443',
  users: [Clerks],
  load: [ramp(5, '10s'), hold('10m')],
  beforeRun: async (run) => {
    // TODO back_office.jmx:29: SetupThreadGroup 'setUp: admin login': send the cookies of each response with the later requests; fetch does not keep cookies
    const response = await send('GET', `${run.host}/form`, { timeoutMs: 20000 })
    if (!response.ok) throw new Error(`GET /form answered ${response.status}`)
    const csrf = /name="csrf_token" value="(.+?)"/.exec(response.body)?.[1] ?? 'NOT_FOUND'
    const response2 = await send('POST', `${run.host}/session`, {
      form: { user: run.vars.admin ?? 'admin', csrf_token: csrf },
      timeoutMs: 20000,
    })
    if (!response2.ok) throw new Error(`POST /session answered ${response2.status}`)
    const adminToken = response2.json().token ?? 'NONE'
    return { adminToken }
  },
})
