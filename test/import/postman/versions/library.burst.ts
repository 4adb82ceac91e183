import { isDeepStrictEqual } from 'node:util'
import { HttpUser, type Response, between, scenario, task } from 'burst'

const checksOfEachRequest: Record<string, (response: Response) => boolean> = {
  'response is fast': (response) => response.latencyMs < 5000,
  'TODO: has a content type': (response) => response.headers.get('content-type') !== null,
}

class LibraryCrudNewman extends HttpUser {
  wait = between(1, 3)
  authToken = ''
  limit: any = ''
  since = ''
  ids = ''
  bookId: any = ''
  isbn: any = ''
  created: any = ''
  runId = ''

  async onStart() {
    await this.beforeRequest()
    this.authToken = (
      await this.http
        .post('/session', { json: { user: this.vars.user ?? '', password: this.vars.password ?? '' } })
        .check(checksOfEachRequest)
        .check({
          'pm.expect(res, "body").to.be.an("object")': (response) => {
            const res = response.json()
            return typeof res === 'object' && res !== null && !Array.isArray(res)
          },
          'token is issued': (response) => {
            const res = response.json()
            return (
              response.status === 201 &&
              isDeepStrictEqual(
                Object.keys(res).toSorted(),
                [
                  'token',
                  'access_token',
                  'id',
                  'name',
                  'url',
                  'tag',
                  'csrf',
                  'greeting',
                  'status',
                  'data',
                  'flights',
                  'messages',
                  'entries',
                  'items',
                ].toSorted(),
              ) &&
              typeof res.token === 'string' &&
              Object.keys(res.token).length !== 0
            )
          },
        })
        .json()
    ).token
  }

  @task
  async books() {
    await this.beforeRequest()
    const limits = [5, 10, 20]
    const chosen = limits[Math.floor(Math.random() * limits.length)]!
    this.limit = chosen
    this.since = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString()
    // TODO library.json: Books / List books: chain .json(schema) to the request to check the schema: pm.test("schema is valid", () => { pm.expect(tv4.validate(books,…
    const response = await this.http
      .get('/items', {
        query: { sort: 'title', limit: this.limit },
        headers: { 'If-Modified-Since': this.since },
        auth: { bearer: this.authToken },
      })
      .check(checksOfEachRequest)
      .check({
        sorted: (response) => {
          const names = response.json().map((b: any) => b.name)
          return isDeepStrictEqual(names, [...names].sort())
        },
        'book … has a name': (response) =>
          response.json().every((book: any) => book.name !== undefined && typeof book.name === 'string'),
      })
    let books: any
    try {
      books = response.json()
    } catch (e: any) {}

    this.ids = JSON.stringify(response.json().map((b: any) => b.id))
    await this.beforeRequest()
    const ids = JSON.parse(this.ids || '[]')
    this.bookId = ids.length ? ids[Math.floor(Math.random() * ids.length)] : 1
    await this.http
      .get('/items/:bookId', { params: { bookId: this.bookId }, auth: { bearer: this.authToken } })
      .check(checksOfEachRequest)
      .check('book', (response) => {
        const book = response.json()
        return (
          book.id === Number(this.bookId) &&
          isDeepStrictEqual(book.data.cart, { id: 7, name: 'hat', url: '/entry/7', tag: 'new' }) &&
          book.items.length === 1 &&
          book.greeting.includes('hell') &&
          book.greeting.length >= 1 &&
          book.greeting.length <= 10 &&
          book.entries.every(
            (entry: any) =>
              typeof entry === 'object' && entry !== null && !Array.isArray(entry) && entry.name === 'hat',
          )
        )
      })
    await this.beforeRequest()
    const isbn = () => {
      let digits = ''
      for (let i = 0; i < 13; i++) {
        digits += Math.floor(Math.random() * 10)
      }
      return digits
    }
    this.isbn = isbn()
    const response2 = await this.http
      .post('/things', {
        json: { isbn: this.isbn, title: 'LoremWords ' + this.random.int(0, 9999), run: this.runId },
        headers: { 'Idempotency-Key': crypto.randomUUID() },
        auth: { bearer: this.authToken },
      })
      .check(checksOfEachRequest)
      .check({
        created: (response) =>
          !(response.status === 201 || response.status === 200) || response.json().id !== undefined,
        refused: (response) => response.status === 201 || response.status === 200,
      })
    if (response2.status === 201 || response2.status === 200) this.created = response2.json().id
    await this.beforeRequest()
    await this.http
      .delete('/items/:created', { params: { created: this.created }, auth: { bearer: this.authToken } })
      .check(checksOfEachRequest)
      .check('Successful DELETE request', (response) => [200, 202, 204].includes(response.status))
    this.created = ''
  }

  async beforeRequest() {
    if (!this.runId) this.runId = crypto.randomUUID()
  }
}

// TODO library.json: pm.info.requestName has no counterpart: pm.test(`${pm.info.requestName}: has a content type`, () => pm.response.to.have.header("Content-Type…
export default scenario({
  host: 'https://library.example.com',
  users: [LibraryCrudNewman],
})
