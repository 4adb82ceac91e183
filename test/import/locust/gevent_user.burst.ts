import { HttpUser, constant, scenario, task } from 'burst'

class Pooled extends HttpUser {
  wait = constant('0s')

  @task
  async parallel() {
    // TODO gevent_user.py:15: gevent.pool.Pool()
    // TODO gevent_user.py:17: pool.spawn(self.client.get, path)
    // TODO gevent_user.py:18: pool.join()
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
      // TODO gevent_user.py:30: self.environment.runner.quit()
    }
    console.log(response.status, response.latencyMs)
  }
}

// Locust takes the load from its command line, and so can burst: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Pooled],
})
