import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  /** Recorded as Upload. */
  @task
  async upload() {
    // TODO upload.har: entry 1: a.png: the content of the file was not recorded
    await this.http.post('/files', {
      multipart: { title: 'Beach', photo: { content: 'TODO', filename: 'a.png', type: 'image/png' } },
      headers: { 'user-agent': 'Mozilla/5.0 (X11)' },
    })
    await this.http.post('/raw', { body: '<a/>', headers: { 'content-type': 'application/xml' } })
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Visitor],
})
