import { HttpUser, between, scenario, task } from 'burst'

class Bodies extends HttpUser {
  wait = between(1, 3)

  @task
  async bodies() {
    await this.http.post('/form', { form: { a: '1', b: 'two' } })
    // TODO bodies.json: Bodies / Upload: /home/ann/a.png: the file is not beside the collection; the string TODO replaces its content
    await this.http.post('/upload', { multipart: { title: 'Beach', photo: { content: 'TODO', filename: 'a.png' } } })
    await this.http.graphql('query ($id: ID!) { cart(id: $id) { total } }', { id: this.vars.cart ?? '' })
    await this.http.put('/xml', { body: '<a>two</a>', headers: { 'content-type': 'application/xml' } })
    await this.http.patch('/text', { body: 'plain' })
    // TODO bodies.json: Bodies / Binary: body /a.bin: the file is not beside the collection; send it with body: file(…)
    await this.http.post('/bin')
    await this.http.delete('/x')
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Bodies],
})
