import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, file, hold, ramp, scenario, task } from 'burst'

const note = readFileSync(join(import.meta.dirname, './note.txt'), 'utf8')

/** Sends a request that is not part of the load. */
async function send(
  method: string,
  url: string,
  options: { json?: unknown; form?: object; body?: any; headers?: object; timeoutMs?: number } = {},
) {
  const { json, form, body, headers = {}, timeoutMs } = options
  const fields = form && new URLSearchParams(Object.entries(form).map(([name, value]) => [name, String(value)]))
  const response = await fetch(url, {
    method,
    body: json === undefined ? (fields ?? body) : JSON.stringify(json),
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    signal: timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs),
  })
  const text = await response.text()
  return {
    ok: response.ok,
    status: response.status,
    headers: response.headers,
    body: text,
    json: () => JSON.parse(text),
  }
}

class Visitor extends HttpUser {
  @task
  async visit() {
    await this.http
      .post('/upload', { multipart: { file: file('photo.bin', { type: 'image/png' }), title: 'a photo' } })
      .check('uploaded', (r) => r.status === 200)
    await this.http.post('/upload', { multipart: { note: file('note.txt'), by: 'ann' } })

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

// TODO upload.js:10: pass --iterations 3 to burst run; the number applies to each user: export const options = { vus: 3, iterations: 9 };
export default scenario({
  host: 'https://files.example.com',
  users: [Visitor],
  load: [ramp(3, '0s'), hold('10m')],
  beforeRun: async (run) => {
    await send('POST', `${run.host}/setup`, { form: { ready: 1 } })
  },
})
