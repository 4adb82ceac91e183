/**
 * Every user reads an event stream (server-sent events) and closes the stream after a few events. In addition to the requests, the report has the
 * time to the first event and the times between events.
 *
 *     npx burst run live-prices.burst.ts --local -H https://staging.example.com
 */
import { HttpUser, between, hold, ramp, scenario, task } from 'burst'

export class Watcher extends HttpUser {
  wait = between('500ms', '2s')

  @task
  async watch() {
    let seen = 0
    for await (const { data } of this.http.sse('/prices')) {
      if (JSON.parse(data).price <= 0) throw new Error('a product is free of charge')
      if (++seen === 5) break // closes the connection
    }
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Watcher],
  load: [ramp(20, '5s'), hold('25s')],
  thresholds: ['errors < 1%', 'GET /prices: p95 < 500ms'],
})
