import { HttpUser, file, hold, ramp, scenario, task } from 'burst'

class Files extends HttpUser {
  @task
  async files() {
    await this.http.post('/upload', { multipart: { title: 'A file', file: file('note.txt') }, timeout: 5 })
    await this.http.delete('/files/7', { query: { trace: crypto.randomUUID() } })
  }
}

// TODO upload.jmx:9: ThreadGroup 'Files': pass --iterations 1 to burst run; the number applies to each user
export default scenario({
  host: 'https://files.example.com',
  users: [Files],
  load: [ramp(2, '0s'), hold('10m')],
})
