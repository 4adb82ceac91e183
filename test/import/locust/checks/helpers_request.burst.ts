import { setTimeout } from 'node:timers/promises'
import { type Http, HttpUser, type Response, scenario, task, throughput } from 'burst'

const ids = countFrom(1)
const filters: Record<string, any> = { brand: ['acme', 'umbrella'], colour: ['red', 'green', 'blue'] }

function randomFilter(): [string, string] {
  const key = pickOne([...Object.keys(filters)])
  return [key, pickOne(filters[key])]
}

async function search(user: HttpUser, text: string, page = 1, extra: Record<string, any> = {}): Promise<Response> {
  const [key, value] = randomFilter()
  const params = { q: text, page, [key]: value }
  Object.assign(params, extra)
  return user.http.get('/search', { query: params }).check('status is below 400', (response) => response.ok)
}

async function browseAll(client: Http, pages: number): Promise<number> {
  const seen: any[] = []
  for (const page of numbersFrom(1, pages + 1)) {
    const response = await client.get('/catalogue/:page', { params: { page } })
    if (!response.ok) {
      console.warn(`page ${page} failed with ${response.status}`)
      break
    }
    seen.push(page)
    await setTimeout(100)
  }
  return seen.length
}

/** Returns the next number on each call. */
function countFrom(start = 0): () => number {
  let next = start
  return () => next++
}

/** Returns the whole numbers from start up to, but not including, end. */
function numbersFrom(start: number, end: number, step = 1): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, index) => start + index * step)
}

/** Returns a random item. burst seeds Math.random inside a user. */
function pickOne<T = any>(items: ArrayLike<T>): T {
  return items[Math.floor(Math.random() * items.length)]!
}

class Searcher extends HttpUser {
  wait = throughput(0.5, { catchUp: false })

  @task(2)
  async find() {
    const found = await search(this, 'hat', undefined, { sort: 'price' })
    if (found.status === 503) return
    for (const entry of (found.json().items ?? []).slice(0, 2)) {
      await this.http.get('/items/:id', { params: { id: entry.id } })
    }
  }

  @task
  async walk() {
    const count = await browseAll(this.http, 3)
    if (count < 3) console.error(`only ${count} pages`)
  }

  @task
  async replace() {
    const number_ = ids()
    await this.http.put('/notes/:number', {
      params: { number: number_ },
      json: { text: 'x'.repeat(10), number: number_ },
      headers: { 'If-Match': '*' },
    })
    await this.http.request('PURGE', '/cache', { name: 'purge' })
    await this.sleep(0.05)
  }

  @task
  async leave() {
    if (this.random.next() < 0.001) this.stop()
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Searcher],
  onRequest: ({ method, name, error }) => {
    if (error) console.error(`${method} ${name}: ${error}`)
  },
})
