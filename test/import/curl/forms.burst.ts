import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async postUpload() {
    // TODO forms.sh:1: the file is not there; its content is the text TODO: @gone.bin
    const form = new FormData()
    form.append('title', 'Holiday')
    form.append(
      'photo',
      new Blob([readFileSync(join(import.meta.dirname, 'photo.txt'))], { type: 'text/plain' }),
      'beach.txt',
    )
    form.append('missing', new Blob(['TODO']), 'gone.bin')
    form.append('note', '@not a file')
    await this.http.post('/upload', { body: form })
  }

  @task
  async putRawPhotoTxt() {
    await this.http.put('/raw/photo.txt', { body: readFileSync(join(import.meta.dirname, 'photo.txt')) })
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
