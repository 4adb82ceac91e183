import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, between, file, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async postEncoded() {
    await this.http.post('/encoded', {
      body: encodeURIComponent(readFileSync(join(import.meta.dirname, 'note.txt'), 'utf8')),
      headers: { 'Content-Type': 'text/plain' },
    })
  }

  @task
  async postFields() {
    // TODO conflicts.sh:2: $TERM: set it with --var TERM=…
    await this.http.post('/fields', {
      form: { note: readFileSync(join(import.meta.dirname, 'note.txt'), 'utf8'), q: this.vars.TERM ?? '' },
    })
  }

  @task
  async getQuery() {
    // TODO conflicts.sh:3: --data-urlencode gone@gone.txt: the file does not exist; the string TODO replaces its content
    await this.http.get('/query', {
      query: { note: readFileSync(join(import.meta.dirname, 'note.txt'), 'utf8'), gone: 'TODO' },
    })
  }

  @task
  async getSearch() {
    await this.http.get('/search', { query: { q: 'a b&c', raw: ' x' } })
  }

  @task
  async postForm() {
    // TODO conflicts.sh:5: --data: curl refuses this together with --form; only --form is used
    await this.http.post('/form', { multipart: { a: '1' } })
  }

  @task
  async putRawPhotoTxt() {
    // TODO conflicts.sh:6: --data: curl refuses this together with --upload-file; only --upload-file is used
    await this.http.put('/raw/photo.txt', { body: file('photo.txt') })
  }

  @task
  async postBoth() {
    // TODO conflicts.sh:7: --upload-file: curl refuses this together with --form; only --form is used
    await this.http.post('/both', { multipart: { a: '1' } })
  }

  @task
  async postFormWithQuery() {
    await this.http.post('/form-with-query', { query: { q: '2' }, multipart: { a: '1' } })
  }

  @task
  async headHead() {
    // TODO conflicts.sh:9: --data: curl refuses this together with --head; only --head is used
    await this.http.head('/head')
  }

  @task
  async postParts() {
    // TODO conflicts.sh:10: --form a=…;headers=…: burst sends only the type and name of each part
    // TODO conflicts.sh:10: --form b=…;encoder=…: burst sends only the type and name of each part
    await this.http.post('/parts', { multipart: { a: '1', b: '2' } })
  }

  @task
  async postUntyped() {
    await this.http.post('/untyped', { body: 'a=1', headers: { 'X-Empty': '' } })
  }

  @task
  async getAsksForPassword() {
    // TODO conflicts.sh:12: password: set the secret with --var password=…
    await this.http.get('/asks-for-password', { auth: { user: 'ann', password: this.vars.password ?? '' } })
  }
}

export default scenario({
  host: 'https://kinds.example.com',
  users: [Visitor],
})
