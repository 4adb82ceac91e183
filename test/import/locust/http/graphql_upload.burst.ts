import { HttpUser, between, file, scenario, task } from 'burst'

const query = '\nquery Product($id: ID!) {\n  product(id: $id) { name price }\n}\n'
const mutation = 'mutation Rate($id: ID!, $stars: Int!) { rate(id: $id, stars: $stars) { id } }'

class GraphUser extends HttpUser {
  wait = between('1s', '2s')

  async onStart() {
    this.http.headers.set('x-client', 'locust')
  }

  @task
  async product() {
    const body = await this.http.graphql(query, { id: 7 }).json()
    const name = body.data.name
    await this.http.graphql(mutation, { id: 7, stars: name.length }, { name: 'rate' })
  }

  @task
  async upload() {
    const files = { photo: file('users.csv', { name: 'photo.csv' }), note: { content: 'a note', filename: 'note.txt' } }
    await this.http.post('/photos', { multipart: { title: 'Holiday', ...files } })
  }

  @task
  async many() {
    await this.http.post('/batch', {
      multipart: {
        files: [file('users.csv', { name: 'a.csv' }), { content: 'text', filename: 'b.txt', type: 'text/plain' }],
      },
    })
  }

  @task
  async proxied() {
    // TODO graphql_upload.py:43: write tls: { cert, key } in scenario(): ("client.pem", "client.key")
    // TODO graphql_upload.py:43: write tls: { ca } in scenario(): os.environ.get("CA", "ca.pem")
    await this.http.get('/inside')
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [GraphUser],
  tls: { insecure: true },
})
