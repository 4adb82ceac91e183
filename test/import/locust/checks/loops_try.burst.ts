import { HttpUser, between, scenario, task } from 'burst'

const skipped = ['/admin', '/logout']

/** Returns the whole numbers from start up to, but not including, end. */
function numbersFrom(start: number, end: number, step = 1): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, index) => start + index * step)
}

class Resilient extends HttpUser {
  wait = between('200ms', '800ms')
  private attempts = 0
  private session: any

  async onStart() {
    let isDone = false
    for (const attempt of numbersFrom(1, 4)) {
      const response = await this.http
        .post('/session', { json: { attempt } })
        .check('status is below 400', (response) => response.ok)
      if (response.status === 201) {
        this.session = response.json().id
        isDone = true
        break
      }
      await this.sleep(attempt)
    }
    if (!isDone) this.stop()
  }

  @task
  async poll() {
    const job = await this.http.post('/jobs', { json: { kind: 'export' } }).json()
    let status = 'queued'
    let tries = 0
    while (status !== 'done' && tries < 10) {
      status = (await this.http.get('/jobs/:id', { params: { id: job.id } }).json()).status ?? 'queued'
      tries += 1
      await this.sleep(0.5)
    }
  }

  @task
  async careful() {
    try {
      const data = await this.http.get('/feed').json()
      const first = data.entries[0]
      await this.http.get(first.url, { name: '/entry' })
    } catch (e) {
      console.log('nothing in the feed:', e)
    } finally {
      this.attempts += 1
    }
  }

  @task
  async wsTask() {
    const links = ['/static/a.png', '', '/b']
    for (const link of links.filter(Boolean)) {
      if (link.startsWith('/static') || ['.png', '.jpg'].some((one) => link.endsWith(one))) continue
      if (skipped.some((one) => link.startsWith(one))) break
    }
    const sizes = [...[0, 1, 2].filter(Boolean)]
    await this.http.get('/pages', { query: { sizes: sizes.length } })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Resilient],
})
