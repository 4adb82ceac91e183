import { HttpUser, hold, ramp, scenario, task } from 'burst'

/** The items in random order. burst seeds Math.random inside a user. */
function inRandomOrder<T>(items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]!)
}

class Jobs extends HttpUser {
  jobId = ''
  state = ''
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
    // TODO poll_job.jmx:71: JSR223Sampler Reset: this script has no counterpart: vars.put("attempts", "0")
    // TODO poll_job.jmx:79: WhileController Until done: variables of the command line do not change: ${__groovy(vars.get("state") != "done" && vars.get("attempts").t…
    while (this.state !== 'done' && Number(this.vars.attempts ?? '') < 3) {
      await this.sleep(0.002)
      // TODO poll_job.jmx:106: JSR223PostProcessor Count: this script has no counterpart: int n = vars.get("attempts").toInteger() + 1 vars.put("attempts", n.toString(…
      const body2 = await this.http.get('/jobs/:jobId', { params: { jobId: this.jobId } }).json()
      this.state = body2.status ?? 'NEW'
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

// TODO poll_job.jmx:17: ThreadGroup Jobs: pass --iterations 5 to burst run; it applies to each user
export default scenario({
  host: 'https://jobs.example.com',
  users: [Jobs],
  load: [ramp(3, '1s'), hold('59s')],
})
