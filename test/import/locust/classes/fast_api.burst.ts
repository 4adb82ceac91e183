import { HttpUser, scenario, task, throughput } from 'burst'

const base = process.env.API_BASE ?? '/api/v2'
const apiKey = process.env.API_KEY ?? ''
const pageSize = wholeNumber(process.env.PAGE_SIZE ?? '50')

function randomName(length = 8): string {
  return Array.from({ length }, () => pickOne([...'abcdefghijklmnopqrstuvwxyz'])).join('')
}

/** Returns true if a list or a text contains a value, or if an object has a key. */
function isIn(value: any, of: any): boolean {
  return Array.isArray(of) || typeof of === 'string' ? of.includes(value) : value in of
}

/** Returns a random item. burst seeds Math.random inside a user. */
function pickOne<T = any>(items: ArrayLike<T>): T {
  return items[Math.floor(Math.random() * items.length)]!
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

class ApiUser extends HttpUser {
  wait = throughput(0.5, { catchUp: false })
  private auth: Record<string, string> = {}

  async onStart() {
    this.auth = { Authorization: `ApiKey ${apiKey}` }
  }

  @task(5, { tags: ['read'] })
  async listUsers() {
    await this.http.get(`${base}/users`, {
      query: { limit: pageSize, offset: this.random.int(0, 999) },
      headers: this.auth,
      timeout: 10,
    })
  }

  @task(2, { tags: ['read'] })
  async getUser() {
    const userId = this.random.int(1, 10000)
    await this.http.get(`${base}/users/${userId}`, { headers: this.auth, timeout: 10, name: `${base}/users/:id` })
  }

  @task(1, { tags: ['write'] })
  async createUser() {
    const name = randomName()
    await this.http
      .post(`${base}/users`, { json: { name, email: `${name}@example.com` }, headers: this.auth, timeout: 10 })
      .expect((response) => {
        if (response.json() != null && !isIn('id', response.json())) throw new Error("'id' missing from response")
      })
  }

  // TODO fast_api.py:18: the timeout of a request in burst includes the time to connect: connection_timeout = 10.0
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [ApiUser],
})
