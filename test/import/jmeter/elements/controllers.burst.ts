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

class Readers extends HttpUser {
  static weight = 3
  tag = ''

  @task
  async readers() {
    for (let turn = 0; turn < 3; turn++) {
      await this.http.get('/v2/pages/:part', { params: { part: this.random.int(1, 50) } })
    }
    if (this.tag === 'new') await this.http.get('/v2/new')
    if (Number(this.vars.x ?? '') % 2 === 1) await this.http.get('/v2/odd')
    if (this.random.chance(0.25))
      this.tag = (await this.http.get('/v2/search', { query: { q: this.random.pick(['hat', 'shoe']) } }).json()).tag
    // TODO controllers.jmx:66: WhileController 'While': burst runs the steps of this controller only once; repeat the steps while ${x}
    await this.http.get('/v2/poll')
    await this.sleep(0.25)
  }
}

class Writers extends HttpUser {
  @task
  async writers() {
    await this.sleep(1)
    await this.http.put('/v2/pages', { body: `plain text of ${this.index + 1}` })
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Readers, Writers],
  load: [ramp(10, '0s'), hold('10s'), ramp(40, '10s'), hold('290s')],
  beforeRun: async () => {
    await send('GET', 'http://api.example.com/prepare')
  },
})
