/**
 * Every user uploads a photo. burst copies avatar.svg, which is in the same folder as this file, to every worker. All users of a worker share the
 * bytes of the photo.
 *
 *     npx burst run uploads.burst.ts --local -H https://staging.example.com
 */
import { HttpUser, between, file, hold, ramp, scenario, task } from 'burst'

const avatar = file('avatar.svg')

export class Photographer extends HttpUser {
  wait = between('500ms', '2s')

  @task(3)
  async upload() {
    const multipart = { title: `Photo ${this.index}`, tags: ['new', 'portrait'], photo: avatar }
    await this.http.post('/photos', { multipart }).expect(201)
  }

  @task(1)
  async uploadWithDescription() {
    const description = { content: JSON.stringify({ public: true }), type: 'application/json' }
    const { bytes } = await this.http.post('/photos', { multipart: { description, photo: avatar } }).json()
    if (bytes !== avatar.bytes.length) throw new Error('the photo is not complete')
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Photographer],
  load: [ramp(20, '5s'), hold('25s')],
  thresholds: ['errors < 1%', 'p95 < 500ms'],
})
