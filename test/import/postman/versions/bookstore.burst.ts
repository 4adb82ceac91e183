import { HttpUser, between, scenario, task } from 'burst'

class BookstoreApi extends HttpUser {
  wait = between(1, 3)
  accessToken = ''
  userId = ''
  bookId = ''

  async onStart() {
    // TODO bookstore.json: Auth / Register: pm.expect(pm.response.responseTime).to.be.below(200);
    await this.http
      .post('/v1/auth/register', {
        json: {
          email: 'Email ' + this.random.int(0, 9999),
          name: 'FullName ' + this.random.int(0, 9999),
          password: this.vars.password ?? '',
          age: Number(this.random.int(0, 1000)),
        },
      })
      .check('Status code is 201', (response) => response.status === 201)
    // TODO bookstore.json: Auth / Login: a script before the request: const now = new Date();
    // TODO bookstore.json: Auth / Login: a script before the request: pm.environment.set("now", now.toISOString());
    // TODO bookstore.json: Auth / Login: a script before the request: pm.variables.set("nonce", Math.random().toString(36).substring(2));
    // TODO bookstore.json: Auth / Login: pm.expect(jsonData).to.have.property("token");
    // TODO bookstore.json: Auth / Login: pm.expect(jsonData.token).to.be.a("string");
    const body = await this.http
      .post('/v1/auth/login', { json: { email: 'ann@example.com', password: this.vars.password ?? '' } })
      .json()
    this.accessToken = body.token
    this.userId = body.user.id
  }

  /** Books, then Books Reviews, then GraphQL */
  @task
  async books() {
    // TODO bookstore.json: Books / List books: () => pm.expect(books.length).to.be.above(0)
    // TODO bookstore.json: Books / List books: postman.setNextRequest("Get book");
    this.bookId = (
      await this.http
        .get('/v1/books', { query: { page: '1', limit: '20', sort: '-price' }, auth: { bearer: this.accessToken } })
        .json()
    ).data[0].id
    // TODO bookstore.json: Books / Get book: pm.response.to.have.jsonSchema({type:"object"});
    // TODO bookstore.json: Books / Get book: pm.expect(pm.response.text()).to.include("title");
    // TODO bookstore.json: Books / Get book: pm.response.to.have.header("Content-Type");
    await this.http.get('/v1/books/:bookId', { params: { bookId: this.bookId }, auth: { bearer: this.accessToken } })
    // TODO bookstore.json: Books / Raw file: body cover.png: the file is not beside the collection; send it with body: file(…)
    await this.http.put('/v1/books/:bookId/raw', {
      params: { bookId: this.bookId },
      headers: { 'Content-Type': 'image/png' },
      auth: { bearer: this.accessToken },
    })
    await this.http.get('/v1/books/search', {
      query: {
        q: 'Word ' + this.random.int(0, 9999),
        from: this.vars.now ?? '',
        nonce: this.vars.nonce ?? '',
        empty: '',
      },
      auth: { bearer: this.accessToken },
    })
    // TODO bookstore.json: Books / Delete: pm.expect(pm.response.code).to.be.oneOf([200, 204]);
    // TODO bookstore.json: Books / Delete: pm.collectionVariables.unset("bookId");
    await this.http.delete('/v1/books/:bookId', { params: { bookId: this.bookId }, auth: { bearer: this.accessToken } })
    await this.http.post('/v1/books/:bookId/reviews', {
      params: { bookId: this.bookId },
      form: { stars: '5', text: 'Great & cheap' },
      headers: { 'X-Api-Key': this.vars.apiKey ?? '' },
    })
    // TODO bookstore.json: Books / Reviews / Upload cover: cover.png: the file is not beside the collection; the string TODO replaces its content
    // TODO bookstore.json: Books / Reviews / Upload cover: a.txt: the file is not beside the collection; the string TODO replaces its content
    // TODO bookstore.json: Books / Reviews / Upload cover: b.txt: the file is not beside the collection; the string TODO replaces its content
    await this.http.post('/v1/books/:bookId/cover', {
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
    await this.http.graphql(
      'query Book($id: ID!) {\n  book(id: $id) { title }\n}',
      { id: this.bookId },
      { url: '/v1/graphql', auth: { bearer: this.accessToken } },
    )
  }

  @task
  async health() {
    await this.http.get('https://status.example.com/health')
  }
}

// TODO bookstore.json: a script of the whole collection: prerequest
// TODO bookstore.json: a script of the whole collection: test
export default scenario({
  host: 'https://api.bookstore.example.com',
  users: [BookstoreApi],
})
