/**
 * A load with two spikes. In each spike, the number of users suddenly grows tenfold. Between the spikes, the number falls, so that the service can
 * recover. The report shows how long the latency stays high after each spike, and whether failures stop when the spike is over.
 *
 *     npx burst run spike.burst.ts --local -H https://staging.example.com
 *     npx burst run spike.burst.ts --local -u 1000        (the same shape, 1,000 users at its peak)
 */
import { HttpUser, between, hold, ramp, scenario, task } from 'burst'

export class Fan extends HttpUser {
  wait = between('200ms', '1s')

  /** Users of the second spike start from the beginning: they have new cookies and run `onStart` again. */
  async onStart() {
    await this.http.get('/').expect(200)
  }

  @task(5)
  async look() {
    await this.http.get('/product/:id', { params: { id: this.random.int(1, 20) } }).expect(200)
  }

  @task(1)
  async listAll() {
    await this.http.get('/category/:name', { params: { name: 'shoes' } }).expect(200)
  }
}

const quiet = 15
const spike = 150

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Fan],
  load: [
    ramp(quiet, '3s'),
    hold('5s'),
    ramp(spike, '0s'), // a jump
    hold('5s'),
    ramp(quiet, '0s'),
    hold('10s'),
    ramp(spike, '0s'),
    hold('5s'),
    ramp(0, '2s'),
  ],
  thresholds: ['errors < 1%', 'p99 < 2s'],
})
