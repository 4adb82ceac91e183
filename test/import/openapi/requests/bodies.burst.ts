import { HttpUser, between, scenario, task } from 'burst'

class Bodies extends HttpUser {
  wait = between(1, 3)

  @task
  async login() {
    await this.http
      .post('/login', {
        form: { username: 'ann', password: 'correct horse', 'metadata[order]': 'order', scope: ['read', 'write'] },
      })
      .expect(200)
  }

  @task
  async upload() {
    // TODO bodies.yaml: POST /avatar: image: the document does not contain the content of the file
    // TODO bodies.yaml: POST /avatar: pages: the document does not contain the content of the file
    await this.http
      .post('/avatar', {
        multipart: {
          title: 'title',
          image: { content: 'TODO', filename: 'file', type: 'image/png' },
          pages: { content: 'TODO', filename: 'file', type: 'image/png' },
        },
      })
      .expect(201)
  }

  @task
  async note() {
    await this.http.put('/note', { body: 'Hello', headers: { 'content-type': 'text/plain' } }).expect(204)
  }

  @task
  async order() {
    // TODO bodies.yaml: POST /order: application/xml: burst cannot generate data for this content type
    await this.http.post('/order', { body: 'TODO', headers: { 'content-type': 'application/xml' } }).expect(200)
  }

  @task
  async patched() {
    await this.http
      .patch('/text-example', {
        json: { name: 'Ann', tags: [] },
        headers: { 'content-type': 'application/merge-patch+json' },
      })
      .expect(200)
  }

  @task
  async external() {
    // TODO bodies.yaml: POST /external: https://example.com/big.json: the example big is in another file
    // TODO bodies.yaml: POST /external: schemas.yaml#/Thing: burst follows only references within the document
    await this.http.post('/external').expect(200)
  }

  @task
  async shared() {
    await this.http.post('/shared', { json: ['text'] }).expect(200)
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Bodies],
})
