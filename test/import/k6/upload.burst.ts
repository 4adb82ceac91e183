import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, hold, ramp, scenario, task } from 'burst'

const image = readFileSync(join(import.meta.dirname, './photo.bin'))
const note = readFileSync(join(import.meta.dirname, './note.txt'), 'utf8')

/** A multipart body. */
function formOf(fields: Readonly<Record<string, unknown>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Blob) form.append(name, value)
    else form.append(name, String(value))
  }
  return form
}

class Visitor extends HttpUser {
  @task
  async visit() {
    await this.http
      .post('/upload', {
        body: formOf({ file: new File([image], 'photo.bin', { type: 'image/png' }), title: 'a photo' }),
      })
      .check('uploaded', (r) => r.status === 200)

    const fd = new FormData()
    fd.append('note', new File([note], 'note.txt', { type: 'text/plain' }))
    fd.append('by', 'ann')
    await this.http.post('/upload', { body: fd })

    const login = `${Buffer.from('ann:secret').toString('base64')}`
    const digest = createHash('sha256').update('text').digest('hex')
    await this.http
      .put('/raw/note.txt', {
        body: note,
        headers: {
          Authorization: 'Basic ' + login,
          'X-Digest': digest,
          'X-Sum': createHmac('sha256', 'key').update('text').digest('base64'),
        },
        redirects: 0,
      })
      .expect([200, 304])
    await this.http.request('PROPFIND', '/dav/')
    await this.http.options('/raw', { timeout: 5 })
  }
}

// TODO upload.js:10: give --iterations 3 on the command line, for each user: export const options = { vus: 3, iterations: 9 };
export default scenario({
  host: 'https://files.example.com',
  users: [Visitor],
  load: [ramp(3, '0s'), hold('10m')],
})
