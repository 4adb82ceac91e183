import { HttpUser, between, scenario, task } from 'burst'

class Bodies extends HttpUser {
  wait = between(1, 3)

  @task
  async bodies() {
    await this.http.post('/form', { form: { a: '1', b: 'two' } })
    // TODO bodies.json: Bodies / Upload: the content of the file is not in the collection: /home/ann/a.png
    const form = new FormData()
    form.append('title', 'Beach')
    form.append('photo', new Blob(['TODO']), 'a.png')
    await this.http.post('/upload', { body: form })
    await this.http.post('/graphql', {
      json: { query: 'query ($id: ID!) { cart(id: $id) { total } }', variables: { id: this.vars.cart ?? '' } },
    })
    await this.http.put('/xml', { body: '<a>two</a>', headers: { 'content-type': 'application/xml' } })
    await this.http.patch('/text', { body: 'plain' })
    // TODO bodies.json: Bodies / Binary: body file /a.bin
    await this.http.post('/bin')
    await this.http.delete('/x')
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Bodies],
})
