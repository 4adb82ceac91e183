import { HttpUser, type Response, between, scenario, task } from 'burst'

const base = process.env.BASE_PATH ?? '/api/v1'
const template = { user: { name: null }, items: [] }

/** Returns the value of a cookie that the response sets. */
function cookieOf({ headers }: Response, name: string): string | undefined {
  const cookie = headers.getSetCookie().find((one) => one.startsWith(`${name}=`))
  return cookie?.slice(name.length + 1).split(';')[0]
}

/** Returns the local time of a date in the format of toISOString, but without a time zone. */
function localIso(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 23)
}

/** Draws the given number of different items, in random order. */
function sampleOf<T = any>(items: Iterable<T>, count: number): T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    return left.splice(Math.floor(Math.random() * left.length), 1)[0]!
  })
}

/** Returns the items, sorted by their keys. */
function sortedBy<T = any>(items: readonly T[], keyOf: (item: T) => any = (item) => item): T[] {
  const compare = (a: any, b: any): number => {
    if (!Array.isArray(a)) return a < b ? -1 : Number(a > b)
    return a.map((one, index) => compare(one, b[index])).find((order) => order !== 0) ?? 0
  }
  return items.toSorted((a, b) => compare(keyOf(a), keyOf(b)))
}

abstract class Base extends HttpUser {
  async search(term: any, page = 1, filters: Record<string, any> = {}) {
    const qs = new URLSearchParams({ q: term, page, ...filters } as any).toString()
    return this.http
      .get(`${base}/search`, { query: new URLSearchParams(qs), name: '/search' })
      .check('status is below 400', (response) => response.ok)
  }
}

class Reader extends Base {
  wait = between('1s', '2s')
  private seen: any
  private history: any[] = []

  async onStart() {
    this.seen = new Set<any>()
    this.history = []
    this.http.headers.set('x-trace', crypto.randomUUID().replaceAll('-', ''))
  }

  @task
  async read() {
    const body = await this.http.get('/articles', { query: { at: localIso(new Date()).slice(0, 10) } }).json()
    let a: any
    const ids = body.items.filter((a: any) => !this.seen.has(a.id)).map((a: any) => a.id)
    for (const one of new Set<any>(ids.slice(0, 3))) {
      this.seen.add(one)
    }
    for (const one of new Set([0])) {
      this.seen.delete(one)
    }
    this.history.push(ids.length)
    this.history.splice(0, 1)
    this.history.push(...ids.toReversed())
    let b: any
    ;[a, b] = [1, 2]
    ;[a, b] = [b, a]
    const lookup = Object.fromEntries(['a', 'b'].map((one, index) => [one, [a, b][index]] as const))
    await this.http.get('/t', {
      query: {
        max: sortedBy(Object.keys(lookup), (key: any) => lookup[key]).at(-1)!,
        every: String(this.history.filter((_, index) => index % 2 === 0)),
      },
    })
  }

  @task
  async change() {
    const body = structuredClone<any>(template)
    body.user.name = sampleOf('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', 6).join('')
    body.items.push(...[1, 2])
    Object.assign(body, { more: true })
    const r = await this.http.post('/articles', { json: body })
    if (r.status === 201) {
      const location = r.headers.get('Location') ?? ''
      if (location) await this.http.get(location, { name: '/articles/[new]' })
    }
    await this.search('hat', 2, { color: 'red' })
    const response = await this.http.delete('/articles/1')
    if (response.latencyMs / 1000 > 1) console.log('slow')
    if (!response.ok) throw new Error(`status ${response.status}`)
  }

  @task
  async judge() {
    await this.http
      .get('/profile')
      .expect((response) => response.latencyMs / 1000 <= 60, 'too slow')
      .expect((response) => cookieOf(response, 'sid') != null, 'no cookie')
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Reader],
})
