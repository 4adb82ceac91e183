import { HttpUser, between, scenario, task } from 'burst'

const categories = { shoes: 3, hats: 1, coats: 2 }
const words = ['alpha', 'beta', 'gamma', 'delta']
const lookup = Object.fromEntries(words.map((word) => [word.toUpperCase(), word.length]))

/** Returns the local time of a date in the format of toISOString, but without a time zone. */
function localIso(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 23)
}

/** Returns the whole numbers from start up to, but not including, end. */
function numbersFrom(start: number, end: number, step = 1): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, index) => start + index * step)
}

/** Draws the given number of different items, in random order. */
function sampleOf<T = any>(items: Iterable<T>, count: number): T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    return left.splice(Math.floor(Math.random() * left.length), 1)[0]!
  })
}

class Comprehending extends HttpUser {
  wait = between('1s', '2s')

  @task
  async cart() {
    const items = Array.from({ length: this.random.int(1, 5) }, (_, i) => ({
      sku: `SKU-${String(i).padStart(4, '0')}`,
      qty: this.random.int(1, 3),
    }))
    const total = items.map((item) => item.qty).reduce((sum: any, one: any) => sum + one, 0)
    const even = items.filter((item) => item.qty % 2 === 0)
    await this.http.post('/cart/bulk', { json: { items, count: total, even: even.length } })
  }

  @task
  async categories() {
    for (const [name, pages] of Object.entries(categories)) {
      for (const page of numbersFrom(1, pages + 1)) {
        await this.http.get('/category/:name', { params: { name }, query: { page } })
      }
    }
  }

  @task
  async words() {
    const phrase =
      this.random.next() < 0.5
        ? sampleOf(words, 2)
            .join(' ')
            .replaceAll(/\b\w/g, (letter) => letter.toUpperCase())
        : words[words.length - 1]
    const today = localIso(new Date()).slice(0, 10)
    await this.http.get('/search', { query: { q: phrase, since: today, n: lookup.ALPHA ?? 0 } })
  }

  @task
  async ids() {
    const results: any[] = []
    for (const i of sampleOf([...Array.from({ length: 100 }).keys()], 3)) {
      results.push((await this.http.get('/item/:i', { params: { i } }).json()).name)
    }
    if (results.some((name: any) => name === '') || !results.every(Boolean)) console.log('an item without a name')
    for (const [position, name] of results.entries()) {
      await this.http.get('/rank/:name', { params: { name }, query: { position } })
    }
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Comprehending],
})
