import { HttpUser, between, scenario, task } from 'burst'

const config = {
  BASE: '/v1',
  TIMEOUT: 10,
  HEADERS: { 'X-App': 'load' },
}

function makePayload(kind: string, n = 3): Record<string, any> {
  const data: Record<string, any> = {}
  data.kind = kind
  data.values = Array.from({ length: n }, () => Math.random())
  for (const i of Array.from({ length: n }).keys()) {
    data[`k${i}`] = i
  }
  return data
}

/** Returns a whole number, like int() in Python. Throws if a text is not a whole number, or has too many digits for JavaScript. */
function wholeNumber(value: any, base = 10): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Math.trunc(Number(value))
  const trimmed = String(value).trim()
  const text = trimmed.replaceAll(/(?<=[\da-z])_(?=[\da-z])/gi, '')
  const digits = base > 10 ? `0-9a-${String.fromCharCode(86 + base)}` : `0-${base - 1}`
  const isWhole = new RegExp(`^[+-]?${base === 16 ? '(0x)?' : ''}[${digits}]+$`, 'i').test(text)
  const number = isWhole ? Number.parseInt(text, base) : Number.NaN
  if (!Number.isSafeInteger(number)) throw new Error(`${text} is not a whole number of at most 16 digits`)
  return number
}

class Api extends HttpUser {
  wait = between('1s', '2s')
  private token = ''
  private userId: any

  async onStart() {
    const body = await this.http
      .post(`${config.BASE}/login`, { json: { u: 'x' }, name: 'login' })
      .expect(200)
      .json()
    this.token = body.token
    this.userId = body.user.id
  }

  @task(2)
  async listThings() {
    const params = { page: this.random.int(1, 5), size: 20 }
    const headers = { Authorization: `Bearer ${this.token}` }
    Object.assign(headers, config.HEADERS)
    const r = await this.http
      .get(`${config.BASE}/things`, { query: params, headers, timeout: config.TIMEOUT })
      .check('status is below 400', (response) => response.ok)
    if (r.status === 200 && r.json()) {
      const things = r.json().things
      const ids = things.filter((t: any) => t.active ?? true).map((t: any) => t.id)
      if (ids.length === 0) return
      const pick = this.random.pick<any>(ids)
      await this.http.get('/v1/things/:pick/detail', {
        params: { pick },
        query: { full: String(true).toLowerCase() },
        headers,
        name: '/things/detail',
      })
    } else if (r.status === 429) {
      const retry = wholeNumber(r.headers.get('Retry-After') ?? 1)
      await this.sleep(retry)
    } else {
      console.log(`bad: ${r.status} ${r.text().slice(0, 100)}`)
    }
  }

  @task
  async create() {
    const payload = makePayload('x', 2)
    const resp = await this.http
      .post(`${config.BASE}/things`, { json: payload })
      .check('status is below 400', (response) => response.ok)
    const created = resp.status === 201 ? resp.json() : null
    if (created != null) await this.http.delete('/v1/things/:id', { params: { id: created.id } })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Api],
})
