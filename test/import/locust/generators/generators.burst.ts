import { type Http, HttpUser, between, scenario, task } from 'burst'

const skus = ['A-1', 'A-2', 'B-1']
const orders = orderIds()

class Crawler {
  client: Http

  constructor(client: Http) {
    this.client = client
  }

  async *pages(first: any) {
    let url = first
    while (url) {
      const body = await this.client.get(url, { name: 'page' }).json()
      yield body
      url = body.next_page
    }
  }
}

/** All pages, from the first one. */
function* pageNumbers(last: number) {
  let page = 1
  while (page <= last) {
    yield page
    page += 1
  }
}

function* chunks(items: any, size: number) {
  for (const start of numbersFrom(0, items.length, size)) {
    yield items.slice(start, start + size)
  }
}

function* orderIds() {
  let number_ = 1000
  while (true) {
    yield `order-${number_}`
    number_ += 1
  }
}

/** Returns the items one after another, and starts over at the end. */
function inTurn<T = any>(items: readonly T[]): () => T {
  let next = 0
  return () => items[next++ % items.length]!
}

/** Returns the next value of a generator. At the end of the generator, returns the default, or throws if there is no default. */
async function nextAwaited<T = any>(values: AsyncIterator<T>, ...otherwise: any[]): Promise<T> {
  const { done, value } = await values.next()
  if (done && otherwise.length === 0) throw new Error('the generator has no more values')
  return done ? otherwise[0] : value
}

/** Returns the next value of a generator. At the end of the generator, returns the default, or throws if there is no default. */
function nextOf<T = any>(values: Iterator<T>, ...otherwise: any[]): T {
  const { done, value } = values.next()
  if (done && otherwise.length === 0) throw new Error('the generator has no more values')
  return done ? otherwise[0] : value
}

/** Returns the whole numbers from start up to, but not including, end. */
function numbersFrom(start: number, end: number, step = 1): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, index) => start + index * step)
}

class CatalogueUser extends HttpUser {
  wait = between('500ms', '2s')
  private ids: any
  private steps: any

  async onStart() {
    this.ids = inTurn([1, 2, 3])
    this.steps = skus.values()
  }

  @task(3)
  async browse() {
    for await (const product of this.products(this.random.int(1, 5))) {
      await this.http.get('/products/:id', { params: { id: product.id } })
    }
  }

  @task
  async bulk() {
    for (const chunk of chunks(skus, 2)) {
      await this.http.post('/bulk', { json: { skus: chunk } })
    }
    const results: any[] = []
    for await (const one of this.products(1)) {
      results.push(one)
    }
    const ids = results.filter((p) => p.price < 10).map((p) => p.id)
    const results2: any[] = []
    for await (const one of this.products(2)) {
      results2.push(one)
    }
    const everything = results2
    await this.http.post('/all', { json: { ids, count: everything.length, pages: [...pageNumbers(3)] } })
  }

  @task
  async order() {
    // TODO generators.py:84: burst does not run the code of this context manager: timed("order")
    await this.http.put('/orders/:orders', {
      params: { orders: nextOf(orders) },
      json: { sku: nextOf(this.steps, 'none') },
    })
    await this.http.get('/products/:ids', { params: { ids: this.ids() } })
  }

  @task
  async firstMatch() {
    const cheap = (await this.http.get('/products').json()).items.find((p: any) => p.price < 10) ?? null
    if (cheap) await this.http.post('/cart', { json: { id: cheap.id } })
    const first = await nextAwaited(this.products(3))
    await this.http.get('/first/:id', { params: { id: first.id } })
  }

  @task
  async crawl() {
    function* numbers(end: any) {
      for (const number_ of Array.from({ length: end }).keys()) {
        yield number_ * 2
      }
    }
    for await (const page of new Crawler(this.http).pages('/crawl')) {
      const total = [...numbers(3)].reduce((sum: any, one: any) => sum + one, 0)
      console.log(page.id, total)
    }
  }

  @task
  async neverRuns() {
    // TODO generators.py:108: a function that yields returns a generator, which Locust does not run: yield self.client.get("/never")
  }

  /** Yields each product of each page. */
  private async *products(category: any) {
    for (const page of pageNumbers(2)) {
      const body = await this.http
        .get('/categories/:category/products', { params: { category }, query: { page } })
        .json()
      if (!body.items?.length) return
      yield* body.items
    }
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'http://localhost:8000',
  users: [CatalogueUser],
})
