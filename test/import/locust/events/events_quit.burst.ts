import { HttpUser, between, scenario, task } from 'burst'

class EventUser extends HttpUser {
  wait = between('1s', '3s')

  @task
  async home() {
    await this.http.get('/')
  }
}

// TODO events_quit.py:35: burst has no event for spawning_complete: def _(user_count, **kwargs):
// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [EventUser],
  thresholds: ['errors < 1%', 'avg < 200ms', 'p95 < 800ms'],
  beforeRun: async () => {
    console.log('A new test is starting')
  },
  afterRun: async () => {
    console.log('A new test is ending')
  },
  onRequest: ({ method, name, latencyMs, error }) => {
    if (error) {
      console.log(`Request to ${name} failed with exception ${error}`)
    } else if (latencyMs > 1000) console.log(`${method} ${name} was slow: ${latencyMs} ms`)
  },
})
