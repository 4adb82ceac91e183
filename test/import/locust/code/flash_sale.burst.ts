import { HttpUser, between, scenario, task } from 'burst'

const keyPool = Array.from({ length: 100 }, (_, i) => `key-${String(i).padStart(4, '0')}`)
const writeRatio = decimalNumber(process.env.WRITE_RATIO ?? '0.5')
const knownVersions: Record<string, any> = {}
let staleReads = 0

function recordWrite(key: any, version: any) {
  knownVersions[key] = version
}

function isStale(key: any, version: any): boolean {
  const known = knownVersions[key]
  if (known != null && version < known) {
    staleReads += 1
    return true
  }
  return false
}

/** Formats a date in UTC. The format contains directives of strftime in Python. */
function dateText(date: Date, format: string): string {
  const iso = date.toISOString()
  const named = (options: Intl.DateTimeFormatOptions) => date.toLocaleString('en', { ...options, timeZone: 'UTC' })
  const day = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000
  const parts: Record<string, string> = {
    Y: iso.slice(0, 4),
    y: iso.slice(2, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    f: `${iso.slice(20, 23)}000`,
    I: String(date.getUTCHours() % 12 || 12).padStart(2, '0'),
    p: date.getUTCHours() < 12 ? 'AM' : 'PM',
    a: named({ weekday: 'short' }),
    A: named({ weekday: 'long' }),
    b: named({ month: 'short' }),
    B: named({ month: 'long' }),
    j: String(Math.trunc(day)).padStart(3, '0'),
    '%': '%',
  }
  return format.replaceAll(/%(.)/g, (_, part: string) => parts[part] ?? '')
}

/** Returns a number, like float() in Python. Throws if a text is not a decimal number. */
function decimalNumber(value: any): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  const text = String(value).trim()
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new Error(`${text} is not a decimal number`)
  return Number(text)
}

/** Returns the local time of a date in the format of toISOString, but without a time zone. */
function localIso(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 23)
}

/** Shifts a date so that dateText, which uses UTC, shows the local time. */
function localTime(date: Date): Date {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
}

class FlashSaleCustomer extends HttpUser {
  wait = between('10ms', '50ms')
  private sessionToken: any

  async onStart() {
    this.sessionToken = null
    const body = await this.http
      .post('/api/auth/login', {
        json: {
          email: `user${this.random.int(1, 10000)}@example.com`,
          password: process.env.TEST_PASSWORD ?? 'secret',
        },
      })
      .expect(200)
      .json()
    this.sessionToken = body.token
  }

  @task(3, { tags: ['buy'] })
  async buyProduct() {
    const userId = `USER_${crypto.randomUUID().replaceAll('-', '').slice(0, 8)}`
    const headers = {
      ...this.auth(),
      'X-Idempotency-Key': `IDEMP_${crypto.randomUUID()}`,
      'X-Request-Date': dateText(new Date(), '%Y%m%dT%H%M%SZ'),
      'X-Local-Date': dateText(localTime(new Date()), '%a, %d %b %Y %H:%M:%S'),
    }
    const payload = {
      productId: 'PRODUCT-X',
      userId,
      quantity: 1,
      deliverOn: new Date(Date.now() + 172800000).toISOString().slice(0, 10),
      stamp: localIso(new Date()).slice(11, 16),
      label: `${dateText(localTime(new Date()), '%d/%m/%y')}`,
    }
    let reservationId: any
    let res: any
    res = await this.http
      .post('/api/v1/reservations', { json: payload, headers, name: '1. reserve' })
      .expect((response) => {
        if (response.status !== 409) {
          if (![200, 201].includes(response.status)) throw new Error(`reservation: ${response.status}`)
          const data = response.json().data ?? {}
          reservationId = data.id
          if (!reservationId) throw new Error('no reservation id')
        }
      })
    if (res.status === 409) return
    const data = res.json().data ?? {}
    reservationId = data.id
    res = await this.http
      .post('/api/v1/payments/:reservationId', {
        params: { reservationId },
        json: { amount: Number((1 + this.random.next() * 98).toFixed(2)) },
        headers,
        name: '2. pay',
      })
      .expect({ under: 2 })
    const deadline = Date.now() / 1000 + 10
    let attempts = 0
    let isDone = false
    while (Date.now() / 1000 < deadline) {
      attempts += 1
      res = await this.http
        .get('/api/v1/orders/:reservationId', { params: { reservationId }, headers, name: '3. poll' })
        .check('status is below 400', (response) => response.ok)
      if (['done', 'failed'].includes(res.json().status)) {
        isDone = true
        break
      }
      await this.sleep(Math.min(0.1 * 2 ** attempts, 2))
    }
    if (!isDone) this.record({ method: 'POLL', name: 'order', ms: 10000, error: new Error('never done') })
  }

  @task
  async readOrWrite() {
    const key = this.random.pick(keyPool)
    if (this.random.next() < writeRatio) {
      await this.http
        .put('/kv/:key', { params: { key }, json: { value: crypto.randomUUID() }, name: '/kv/[key] PUT' })
        .expect((response) => {
          if (response.status === 200) {
            recordWrite(key, response.json().id ?? 0)
          } else {
            throw new Error(`write: ${response.status}`)
          }
        })
    } else {
      await this.http.get('/kv/:key', { params: { key }, name: '/kv/[key] GET' }).expect((response) => {
        if (response.status !== 404 && isStale(key, response.json().id)) throw new Error('stale read')
      })
    }
  }

  private auth() {
    return this.sessionToken ? { Authorization: `Bearer ${this.sessionToken}` } : {}
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [FlashSaleCustomer],
  thresholds: ['errors < 1%', 'p95 < 800ms'],
})
