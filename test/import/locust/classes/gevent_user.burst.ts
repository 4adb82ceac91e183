import { HttpUser, constant, scenario, task } from 'burst'

class Pooled extends HttpUser {
  wait = constant('0s')

  @task
  async parallel() {
    const pool: any[] = []
    for (const path of ['/a', '/b']) {
      pool.push(this.http.get(path))
    }
    await Promise.all(pool)
  }

  @task
  async custom() {
    const start = performance.now() / 1000
    await this.sleep(0.1)
    this.record({ method: 'WORK', name: 'thing', ms: (performance.now() / 1000 - start) * 1000 })
  }

  @task
  async quits() {
    const response = await this.http.get('/status')
    if (response.status === 503) {
      // TODO gevent_user.py:30: a simulated user cannot see or stop the run: self.environment.runner.quit()
    }
    console.log(response.status, response.latencyMs)
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Pooled],
})
