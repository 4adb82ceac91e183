import { HttpUser, between, file, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async postUpload() {
    // TODO forms.sh:1: @gone.bin: the file does not exist; the string TODO replaces its content
    await this.http.post('/upload', {
      multipart: {
        title: 'Holiday',
        photo: file('photo.txt', { name: 'beach.txt' }),
        missing: { content: 'TODO', filename: 'gone.bin' },
        note: '@not a file',
      },
    })
  }

  @task
  async putRawPhotoTxt() {
    await this.http.put('/raw/photo.txt', { body: file('photo.txt') })
  }

  @task
  async postSearch() {
    await this.http.post('/search', {
      body: 'q=a%20b%26c&plain&x=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  }

  @task
  async postOrders() {
    await this.http.post('/orders', { body: '<order id="1"/>', headers: { 'Content-Type': 'application/xml' } })
  }

  @task
  async postEmpty() {
    await this.http.post('/empty', { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  }

  @task
  async postBroken() {
    await this.http.post('/broken', { body: '{"a": 1,', headers: { 'Content-Type': 'application/json' } })
  }
}

export default scenario({
  host: 'https://files.example.com',
  users: [Visitor],
})
