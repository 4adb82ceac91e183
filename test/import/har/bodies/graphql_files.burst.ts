import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  /** Recorded as visit. */
  @task
  async visit() {
    const body = await this.http
      .graphql('query Cart { cart { id total } }\nquery Me { me { id } }', {}, { operationName: 'Cart' })
      .json()
    const id = body.data.cart.id
    await this.http.post('/graphql', { json: [{ query: '{ me { id } }' }] })
    await this.http.post('/gateway/graphql', {
      json: {
        query: 'mutation Pay($id: ID!) { pay(id: $id) { id } }',
        variables: { id },
        extensions: { persistedQuery: { version: 1 } },
      },
    })
    await this.http.post('/find', { json: { query: 'query me about hats' } })
    // TODO graphql_files.har: entry 5: beach.png: the content of the file was not recorded
    await this.http.post('/upload', {
      multipart: {
        title: 'Holiday',
        tags: ['sea', 'sun'],
        note: { content: 'a recorded note', filename: 'note.txt', type: 'text/plain' },
        photo: { content: 'TODO', filename: 'beach.png', type: 'image/png' },
      },
    })
  }
}

export default scenario({
  host: 'https://files.example.com',
  users: [Visitor],
})
