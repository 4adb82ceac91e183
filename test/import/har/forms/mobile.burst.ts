import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  async onStart() {
    this.http.headers.set('User-Agent', 'okhttp/4.12')
  }

  /** Recorded as visit. */
  @task
  async visit() {
    // TODO mobile.har: entry 2: Authorization: set the secret with --var authorization=…
    // TODO mobile.har: entry 2: password: set the secret with --var password=…
    const accessToken = (
      await this.http
        .post('/oauth/token', {
          form: { grant_type: 'password', username: 'ann', password: this.vars.password ?? '' },
          headers: { Authorization: this.vars.authorization ?? '' },
        })
        .json()
    ).access_token
    await this.sleep(3)
    // TODO mobile.har: entry 3: IMG_0001.jpg: the content of the file was not recorded
    const photoId = (
      await this.http
        .post('/photos', {
          query: { album: '7', tag: ['a', 'b'] },
          multipart: {
            meta: { content: '{"lat":1.5}', type: 'application/json; charset=utf-8' },
            photo: [
              { content: 'TODO', filename: 'IMG_0001.jpg', type: 'image/jpeg' },
              { content: 'hi', filename: 'note.txt', type: 'text/plain' },
            ],
          },
          headers: { Authorization: `Bearer ${accessToken}` },
        })
        .json()
    ).photo_id
    await this.http.delete('/photos/:photoId', {
      params: { photoId },
      headers: { Authorization: `Bearer ${accessToken}` },
    })
    await this.http.post('http://upload.example.net:8080/log', {
      body: '[{"a":12345678901234567890}]',
      headers: { 'Content-Type': 'application/json' },
    })
  }
}

export default scenario({
  host: 'https://upload.example.net',
  users: [Visitor],
})
