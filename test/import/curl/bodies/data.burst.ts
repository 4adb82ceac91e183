import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, between, file, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async postMixed() {
    await this.http.post('/mixed', {
      body: `a=1&${readFileSync(join(import.meta.dirname, 'note.txt'), 'utf8').replaceAll(/[\0\r\n]/g, '')}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  }

  @task
  async postParts() {
    // TODO data.sh:2: @photo.txt: the file is sent as UTF-8 text, because it is only a part of the body
    // TODO data.sh:2: @gone.txt: the file does not exist
    await this.http.post('/parts', {
      body: `${readFileSync(join(import.meta.dirname, 'photo.txt'), 'utf8')}&@raw`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  }

  @task
  async postLines() {
    await this.http.post('/lines', {
      body: readFileSync(join(import.meta.dirname, 'note.txt'), 'utf8').replaceAll(/[\0\r\n]/g, ''),
      headers: { 'Content-Type': 'text/plain' },
    })
  }

  @task
  async postJson() {
    await this.http.post('/json', { body: file('note.txt'), headers: { 'Content-Type': 'application/json' } })
  }

  @task
  async postJoined() {
    await this.http.post('/joined', { json: { a: 1, b: 2 }, headers: { accept: 'application/json' } })
  }

  @task
  async postGone() {
    // TODO data.sh:6: @gone.txt: the file does not exist; create it, or name another file
    await this.http.post('/gone', {
      body: file('gone.txt'),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  }

  @task
  async getSearch() {
    // TODO data.sh:7: @note.txt: a file in a query is not translated
    await this.http.get('/search', { query: { q: '1' } })
  }

  @task
  async postHere() {
    await this.http.post('/here', { body: 'onetwo', headers: { 'Content-Type': 'text/plain' } })
  }

  @task
  async postBytes() {
    await this.http.post('/bytes', { body: 'one\ntwo\n', headers: { 'Content-Type': 'text/plain' } })
  }
}

export default scenario({
  host: 'https://data.example.com',
  users: [Visitor],
})
