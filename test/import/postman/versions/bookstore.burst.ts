import { HttpUser, type Response, between, scenario, task } from 'burst'

const checksOfEachRequest: Record<string, (response: Response) => boolean> = {
  'not a server error': (response) => response.status < 500,
}

class BookstoreApi extends HttpUser {
  wait = between(1, 3)
  now = ''
  nonce = ''
  accessToken = ''
  userId = ''
  bookId = ''

  async onStart() {
    await this.beforeRequest()
    await this.http
      .post('/v1/auth/register', {
        json: {
          email: `user${this.random.int(0, 9999)}@example.com`,
          name: 'FullName ' + this.random.int(0, 9999),
          password: this.vars.password ?? '',
          age: Number(this.random.int(0, 1000)),
        },
      })
      .check(checksOfEachRequest)
      .check({
        'Status code is 201': (response) => response.status === 201,
        'Response time is less than 200ms': (response) => response.latencyMs < 200,
      })
    await this.beforeRequest()
    const now = new Date()
    this.now = now.toISOString()
    this.nonce = Math.random().toString(36).substring(2)
    const body = await this.http
      .post('/v1/auth/login', { json: { email: 'ann@example.com', password: this.vars.password ?? '' } })
      .check(checksOfEachRequest)
      .check('Has token', (response) => {
        const jsonData = response.json()
        return jsonData.token !== undefined && typeof jsonData.token === 'string'
      })
      .json()
    this.accessToken = body.token
    this.userId = body.user.id
  }

  /** Books, then Books Reviews, then GraphQL */
  @task
  async books() {
    await this.beforeRequest()
    // TODO bookstore.json: Books / List books: a task sends its requests in the order of the collection: postman.setNextRequest("Get book");
    this.bookId = (
      await this.http
        .get('/v1/books', { query: { page: '1', limit: '20', sort: '-price' }, auth: { bearer: this.accessToken } })
        .check(checksOfEachRequest)
        .check('at least one', (response) => response.json().data.length > 0)
        .json()
    ).data[0].id
    await this.beforeRequest()
    // TODO bookstore.json: Books / Get book: jsonSchema has no counterpart: pm.response.to.have.jsonSchema({type:"object"});
    await this.http
      .get('/v1/books/:bookId', { params: { bookId: this.bookId }, auth: { bearer: this.accessToken } })
      .check(checksOfEachRequest)
      .check({
        'Body matches string': (response) => response.body.includes('title'),
        'Content-Type is present': (response) => response.headers.get('content-type') !== null,
      })
    await this.beforeRequest()
    // TODO bookstore.json: Books / Raw file: body cover.png: the file is not beside the collection; send it with body: file(…)
    await this.http
      .put('/v1/books/:bookId/raw', {
        params: { bookId: this.bookId },
        headers: { 'Content-Type': 'image/png' },
        auth: { bearer: this.accessToken },
      })
      .check(checksOfEachRequest)
    await this.beforeRequest()
    await this.http
      .get('/v1/books/search', {
        query: { q: 'Word ' + this.random.int(0, 9999), from: this.now, nonce: this.nonce, empty: '' },
        auth: { bearer: this.accessToken },
      })
      .check(checksOfEachRequest)
    await this.beforeRequest()
    await this.http
      .delete('/v1/books/:bookId', { params: { bookId: this.bookId }, auth: { bearer: this.accessToken } })
      .check(checksOfEachRequest)
      .check('gone', (response) => [200, 204].includes(response.status))
    this.bookId = ''
    await this.beforeRequest()
    await this.http
      .post('/v1/books/:bookId/reviews', {
        params: { bookId: this.bookId },
        form: { stars: '5', text: 'Great & cheap' },
        headers: { 'X-Api-Key': this.vars.apiKey ?? '' },
      })
      .check(checksOfEachRequest)
    await this.beforeRequest()
    // TODO bookstore.json: Books / Reviews / Upload cover: cover.png: the file is not beside the collection; the string TODO replaces its content
    // TODO bookstore.json: Books / Reviews / Upload cover: a.txt: the file is not beside the collection; the string TODO replaces its content
    // TODO bookstore.json: Books / Reviews / Upload cover: b.txt: the file is not beside the collection; the string TODO replaces its content
    await this.http
      .post('/v1/books/:bookId/cover', {
        params: { bookId: this.bookId },
        multipart: {
          file: { content: 'TODO', filename: 'cover.png' },
          files: [
            { content: 'TODO', filename: 'a.txt' },
            { content: 'TODO', filename: 'b.txt' },
          ],
          meta: { content: '{"a":1}', type: 'application/json' },
        },
        headers: { 'X-Api-Key': this.vars.apiKey ?? '' },
      })
      .check(checksOfEachRequest)
    await this.beforeRequest()
    await this.http
      .graphql(
        'query Book($id: ID!) {\n  book(id: $id) { title }\n}',
        { id: this.bookId },
        { url: '/v1/graphql', auth: { bearer: this.accessToken } },
      )
      .check(checksOfEachRequest)
  }

  @task
  async health() {
    await this.beforeRequest()
    await this.http.get('https://status.example.com/health').check(checksOfEachRequest)
  }

  async beforeRequest() {
    this.http.headers.set('X-Trace', crypto.randomUUID())
  }
}

export default scenario({
  host: 'https://api.bookstore.example.com',
  users: [BookstoreApi],
})
