import { HttpUser, between, scenario, task } from 'burst'

const shared: Record<string, any> = { started: 0, failures: 0 }

class Monitor extends HttpUser {
  wait = between('1s', '3s')

  @task
  async check() {
    const start = performance.now() / 1000
    await this.http.get('/status', { name: 'status' }).expect((response) => {
      let status: any
      status = response.json().status
      if (!['done', 'ok'].includes(status)) throw new Error(`status is ${status}`)
    })
    const elapsed = (performance.now() / 1000 - start) * 1000
    this.record({ method: 'CUSTOM', name: 'check', ms: elapsed })
  }

  @task
  async users() {
    // TODO runner_events.py:62: a simulated user cannot see or stop the run: if self.environment.runner is not None and self.environment.runner.user_count > 10: self…
    // TODO runner_events.py:63: this request is not sent: self.client.get("/busy")
    // TODO runner_events.py:65: this request is not sent: self.client.get("/quiet")
  }
}

// TODO runner_events.py:12: burst has no event for init: def on_locust_init(environment: Environment, **_kwargs):
// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Monitor],
  thresholds: ['errors < 2%', 'p95 < 800ms'],
  beforeRun: async ({ host }) => {
    shared.started = Date.now() / 1000
    console.log('test is starting against', host)
  },
  afterRun: async () => {
    // TODO runner_events.py:27: a simulated user cannot see or stop the run: environment.runner.user_count
    console.log(`test took ${(Date.now() / 1000 - shared.started).toFixed(1)}s, users: TODO`)
  },
})
