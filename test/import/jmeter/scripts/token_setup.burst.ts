import { HttpUser, hold, ramp, scenario, task } from 'burst'

/** Returns a string of random characters. burst seeds Math.random inside a user. */
function randomText(length: number, characters = 'abcdefghijklmnopqrstuvwxyz'): string {
  return Array.from({ length }, () => characters[Math.floor(Math.random() * characters.length)]).join('')
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

class Reports extends HttpUser {
  requestId = ''
  sentAt = ''
  kind = ''
  title = ''
  polls = 0
  done = ''
  reportId = ''

  @task
  async reports() {
    const kinds = ['daily', 'weekly', 'monthly']
    this.kind = this.random.pick(kinds)
    this.title = `Report ${randomText(6, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}`
    this.polls = 0
    this.done = 'false'
    this.beforeRequest()
    const response = await this.http
      .post('/reports', {
        json: { kind: this.kind, title: this.title, day: this.sentAt, ref: this.requestId },
        headers: { Authorization: `Bearer ${this.data.token}` },
      })
      .expect((response) => response.status === 200 || response.status === 201, 'the report was not created')
    const answer = response.body
    const json = JSON.parse(answer)
    if (json.id != null) {
      this.reportId = String(json.id)
    } else {
      console.error(`no id in ${answer}`)
      this.reportId = '0'
    }
    // TODO token_setup.jmx:151: this part of the script is not translated:
    // def total = json.items.findAll { it.open }.size()
    // vars.put("open", "${total}")
    if ((json.roles ?? '').includes('admin')) console.log('an admin')
    while (this.done !== 'true' && this.polls < Number(this.vars.maxPolls ?? '4')) {
      this.beforeRequest()
      const response2 = await this.http
        .get('/reports/:reportId', {
          params: { reportId: this.reportId },
          headers: { Authorization: `Bearer ${this.data.token}` },
        })
        .expect((response) => response.latencyMs <= 2000, 'slower than 2 s')
      let n = this.polls
      n++
      this.polls = n
      if (response2.body.includes('ready')) this.done = 'true'
    }
  }

  private beforeRequest() {
    const id = crypto.randomUUID()
    this.requestId = `req-${id}`
    this.sentAt = new Date().toISOString().slice(0, 10)
  }
}

export default scenario({
  host: 'https://reports.example.com',
  users: [Reports],
  load: [ramp(12, '30s'), hold('270s')],
  beforeRun: async (run) => {
    const response = await send('POST', `${run.host}/oauth/token`, {
      form: { grant_type: 'client_credentials', client_id: run.vars.client_id ?? 'load' },
    })
    if (response.status !== 200) throw new Error(`POST /oauth/token answered ${response.status}`)
    const accessToken = response.json().access_token
    console.log(`token: ${accessToken}`)
    return { token: accessToken }
  },
  afterRun: async (run) => {
    const data = run.data as any
    // TODO token_setup.jmx:189: PostThreadGroup 'Sign out': JMeter runs this group 2 times; burst runs it once
    await send('POST', `${run.host}/oauth/revoke`, { form: { token: data.token } })
  },
})
