/**
 * The smallest useful load test: visitors who look around.
 *
 * Copy it, insert your own address and pages, and run it on this machine:
 *
 *     npx burst run quickstart.burst.ts --local
 *     npx burst run quickstart.burst.ts --local -u 50 -t 1m -H https://staging.example.com
 */
import { HttpUser, type Tasks, between, hold, ramp, scenario } from 'burst'

export class Visitor extends HttpUser {
  /** A visitor reads for a while after each task. */
  wait = between('500ms', '2s')
  /** The tasks of a visitor. Visitors browse three times as often as they search. */
  tasks: Tasks<Visitor> = { browse: 3, search: 1 }

  async browse() {
    await this.http.get('/')
    // With `:id`, all products share one row of the report.
    await this.http.get('/product/:id', { params: { id: this.random.int(1, 500) } })
  }

  async search() {
    await this.http.get('/search', { query: { q: this.random.pick(['shoes', 'hats', 'coats']) } })
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Visitor],
  load: [ramp(10, '5s'), hold('25s')],
  thresholds: ['errors < 1%', 'p95 < 500ms'],
})
