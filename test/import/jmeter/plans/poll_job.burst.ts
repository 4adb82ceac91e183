import { HttpUser, hold, ramp, scenario, task } from 'burst'

/** Returns the items in random order. burst seeds Math.random inside a user. */
function inRandomOrder<T>(items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]!)
}

class Jobs extends HttpUser {
  jobId = ''
  state = ''
  attempts = 0
  job = 0

  @task
  async jobs() {
    this.job++
    const body = await this.http
      .post('/jobs', {
        body: `{"name":"${`job-${String(this.job).padStart(3, '0')}`}","size":${this.random.int(1, 9)}}`,
      })
      .json()
    this.jobId = body.id ?? '0'
    this.state = body.state ?? 'NEW'
    this.attempts = 0
    while (this.state !== 'done' && this.attempts < 3) {
      await this.sleep(0.002)
      const body2 = await this.http.get('/jobs/:jobId', { params: { jobId: this.jobId } }).json()
      this.state = body2.status ?? 'NEW'
      const n = this.attempts + 1
      this.attempts = n
    }
    if (this.state !== 'done') return
    switch (this.random.int(0, 1)) {
      case 0:
        await this.http.get('/jobs/:jobId/result', { params: { jobId: this.jobId }, query: { format: 'csv' } })
        break
      case 1:
        await this.http.get('/jobs/:jobId/result', { params: { jobId: this.jobId }, query: { format: 'pdf' } })
        break
    }
    const parts = [
      async () => {
        await this.http.delete('/jobs/:jobId', { params: { jobId: this.jobId } })
      },
      async () => {
        await this.http.get('/jobs/:jobId/log', { params: { jobId: this.jobId } })
      },
    ]
    for (const part of inRandomOrder(parts)) {
      await part()
    }
  }
}

// TODO poll_job.jmx:17: ThreadGroup 'Jobs': pass --iterations 5 to burst run; the number applies to each user
export default scenario({
  host: 'https://jobs.example.com',
  users: [Jobs],
  load: [ramp(3, '1s'), hold('59s')],
})
