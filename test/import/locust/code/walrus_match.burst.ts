import { HttpUser, between, scenario, task } from 'burst'

// TODO walrus_match.py:9: each worker has its own copy, so users of two workers can take the same items: queue = Queue()
const queue: any[] = []
for (const n of Array.from({ length: 3 }).keys()) {
  queue.push({ id: n, name: `user-${String(n).padStart(3, '0')}` })
}
// TODO walrus_match.py:19: zip(*MENU)

/** Returns the items, sorted by their keys. */
function sortedBy<T = any>(items: readonly T[], keyOf: (item: T) => any = (item) => item): T[] {
  const compare = (a: any, b: any): number => {
    if (!Array.isArray(a)) return a < b ? -1 : Number(a > b)
    return a.map((one, index) => compare(one, b[index])).find((order) => order !== 0) ?? 0
  }
  return items.toSorted((a, b) => compare(keyOf(a), keyOf(b)))
}

/** Removes the first item of a list and returns it. Throws if the list is empty. */
function takeFirst<T = any>(items: T[]): T {
  if (items.length === 0) throw new Error('the queue is empty')
  return items.shift()!
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

class Visitor extends HttpUser {
  wait = between('1s', '5s')
  private defaultHeaders = { 'User-Agent': 'load/1.0', 'Accept-Language': this.random.pick(['en', 'de']) }
  private me: any
  private profile: any

  async onStart() {
    this.me = takeFirst(queue)
    for (const [name, value] of Object.entries(this.defaultHeaders)) {
      this.http.headers.set(name, value)
    }
    this.profile = await this.http
      .get('/me', { query: { name: this.me.name } })
      .expect(200)
      .json()
  }

  @task(3)
  async menu() {
    // TODO walrus_match.py:40: random.choices(PAGES, weights=WEIGHTS, k=1)[0]
    const path: any = 'TODO'
    await this.http.get(path)
  }

  @task
  async kind() {
    const kind = this.random.pick(['a', 'b', 'c'])
    if (kind === 'a') {
      await this.http.get('/kind/a')
    } else if (['b', 'c'].includes(kind)) await this.http.get('/kind/:kind', { params: { kind } })
  }

  @task
  async links() {
    const html = await this.http.get('/catalogue').text()
    const links = [...html.matchAll(/href="(\/p\/\d+)"/g)].map((found) => found[1]!)
    const paths = links.length > 0 ? links : ['/p/0']
    await this.http.get(this.random.pick(paths), { name: '/p/[id]' })
    const numbers = [...html.matchAll(/\/p\/(\d+)/g)].map((m) => wholeNumber(m?.[1]!))
    console.log(
      `${paths.length} links, ${numbers.reduce((sum: number, one: number) => sum + one, 0)} in total, ${sortedBy(numbers).at(-1) ?? 0} at most`,
    )
  }

  @task
  async timedPage() {
    // TODO walrus_match.py:66: burst does not run the code of this context manager: timed("page")
    await this.http.get('/timed')
    await this.http.get('/maybe').expect(async (response) => {
      const b = await this.http.get('/other')
      if (response.status !== b.status) throw new Error('differ')
    })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'http://localhost',
  users: [Visitor],
})
