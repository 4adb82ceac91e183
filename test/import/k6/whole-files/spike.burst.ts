import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, type Response, arrivals, rampArrivals, scenario, task } from 'burst'

const config = JSON.parse(readFileSync(join(import.meta.dirname, './endpoints.json'), 'utf8'))

/** Records each check as a sample, because the checks do not belong to a request. Returns true if all checks hold. */
function checkAll<T>(user: HttpUser, value: T, checks: Readonly<Record<string, (value: T) => boolean>>): boolean {
  const results = Object.entries(checks).map(([name, holds]) => ({ name, isHeld: holds(value) }))
  for (const { name, isHeld } of results) {
    user.record({ method: 'CHECK', name, ms: 0, error: isHeld ? null : 'does not hold' })
  }
  return results.every(({ isHeld }) => isHeld)
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
  env = config[this.vars.ENVIRONMENT || 'staging']
  durations: Record<string, any> = {}
  session: any = null
  cache = new Map()

  async onStart() {
    this.http.headers.set('user-agent', 'spike/1.0')
    for (const endpoint of config.endpoints) {
      this.durations[endpoint.name] = metricOf(this, 'TREND', `duration_${endpoint.name}`)
    }
  }

  @task
  async spike() {
    const endpoint = this.random.pick<any>(config.endpoints)
    const id = this.random.int(1, 100)
    const url = this.env.url + endpoint.path.replace('{id}', id)
    let res!: Response
    try {
      res = await this.http.request(endpoint.method, url, {
        body: (endpoint.body ? JSON.stringify(endpoint.body) : null) ?? undefined,
        headers: (await this.authHeaders())?.headers,
        name: endpoint.name,
      })
      this.durations[endpoint.name]!.add(res.latencyMs)
      if (res.status >= 500) throw new Error('server error ' + res.status)
    } catch (e: any) {
      console.error(`${endpoint.name}: ${e.message}`)
      return
    }
    if (!this.cache.has(endpoint.name)) this.cache.set(endpoint.name, [])
    this.cache.get(endpoint.name)!.push(res.status)
    const statuses = [...this.cache.values()].flat().reduce((all, s) => ({ ...all, [s]: (all[s] || 0) + 1 }), {})
    checkAll(this, statuses, { 'no 500': (s) => !s['500'] })
    await this.sleep(this.random.int(1, 3) / 10)
  }

  async authHeaders() {
    if (!this.session || this.session.expires < Date.now()) {
      const res = await this.http
        .post(`${this.env.url}/session`, { form: { client: this.env.client, nonce: crypto.randomUUID() } })
        .check('got a session', (r) => r.status == 201)
      if (!(res.status == 201)) throw new Error('no session: ' + res.status + ' ' + res.body)
      this.session = { token: res.json().token, expires: Date.now() + 60 * 1000 }
    }
    return { headers: { Authorization: 'Bearer ' + this.session.token } }
  }
}

// TODO spike.js:56: burst always writes report.html, report.json, junit.xml and CSV files: export function handleSummary(data) {
export default scenario({
  users: [Visitor],
  tls: { insecure: true },
  load: [
    arrivals(5, '30s', { maxUsers: 100 }),
    rampArrivals(5, 50, '10s', { maxUsers: 100 }),
    rampArrivals(50, 5, '30s', { maxUsers: 100 }),
  ],
  thresholds: ['errors < 10%'],
  abortOn: [{ threshold: 'errors < 10%', over: '10s' }],
})
