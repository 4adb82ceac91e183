import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, hold, ramp, scenario, task } from 'burst'

class Files extends HttpUser {
  @task
  async files() {
    const form = new FormData()
    form.append('title', 'A file')
    form.append(
      'file',
      new Blob([readFileSync(join(import.meta.dirname, 'note.txt'))], { type: 'text/plain' }),
      'note.txt',
    )
    await this.http.post('/upload', { body: form, timeout: 5 })
    await this.http.delete('/files/7', { query: { trace: crypto.randomUUID() } })
  }
}

// TODO upload.jmx:9: give --iterations 1 on the command line, for each user: ThreadGroup Files
export default scenario({
  host: 'https://files.example.com',
  users: [Files],
  load: [ramp(2, '0s'), hold('10m')],
})
