import { HttpUser, between, scenario, task } from 'burst'

class CombinedSchemas extends HttpUser {
  wait = between(1, 3)

  @task
  async addAnimal() {
    await this.http.post('/animals', { json: { kind: 'dog', name: 'Rex', barks: true } }).expect(201)
  }

  @task
  async replaceCat() {
    await this.http.put('/cats', {
      json: { kind: 'cat', name: 'Rex', lives: 9 },
      headers: { 'content-type': 'application/vnd.api+json' },
    })
  }

  @task
  async plantTree() {
    await this.http.post('/trees', { json: { value: 'value', children: [] } }).expect([200, 202])
  }

  @task
  async limits() {
    // TODO combined.yaml: POST /limits: lookahead: write a text that matches the pattern in the document
    await this.http
      .post('/limits', {
        json: {
          nothing: null,
          age: 18,
          ratio: 0.9,
          step: 10,
          names: { key: 1 },
          pair: [1, 1],
          level: 'low',
          untyped: 'untyped',
          code: 'a00',
          lookahead: 'lookahead',
        },
      })
      .expect(200)
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [CombinedSchemas],
})
