/**
 * Arrivals instead of users: the load sets how many visits begin each second, whether or not the service keeps up. A fixed number of users slows down
 * with the service; real visitors do not. The report says how many arrivals were offered, started and dropped, and why arrivals were dropped. A
 * threshold with the prefix `intent:` judges latencies that are measured from the time at which the user was due to send.
 *
 *     npx burst run open-arrivals.burst.ts --local -H https://staging.example.com
 *     npx burst run open-arrivals.burst.ts --local --rate 100        (the same shape, 100 per second at its peak)
 */
import { HttpUser, arrivals, rampArrivals, scenario, task } from 'burst'

/** Each arrival is one iteration: the user runs one task, chosen by weight, and does not wait after the task. */
export class Visit extends HttpUser {
  @task(4)
  async glance() {
    await this.http.get('/').expect(200)
  }

  @task(1)
  async look() {
    await this.http.get('/').expect(200)
    await this.http.get('/product/:id', { params: { id: this.random.int(1, 5000) } }).expect(200)
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Visit],
  load: [rampArrivals(5, 50, '10s'), arrivals(50, '20s')],
  thresholds: ['errors < 1%', 'intent: p95 < 1s'],
})
