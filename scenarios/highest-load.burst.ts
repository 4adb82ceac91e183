/**
 * Searches for the highest load that a shop can handle:
 *
 *   npx burst find highest-load.burst.ts --local -H https://shop.example.com
 *
 * The load doubles until a rule of `until` fails. Then each step halves the interval between the highest load that passed and the
 * lowest load that failed. `abortOn` ends the run when the target is down.
 */
import { HttpUser, between, scenario } from 'burst'

class Visitor extends HttpUser {
  wait = between('0.5s', '1.5s')
  tasks = { home: 2, product: 3 }

  async home() {
    await this.http.get('/').expect(200)
  }

  async product() {
    await this.http.get('/product/:id', { params: { id: this.random.int(1, 100) } })
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080',
  users: [Visitor],
  find: { max: 2000, step: '1m', until: ['p95 < 400ms', 'errors < 1%'] },
  abortOn: [{ threshold: 'errors < 50%', over: '10s' }],
})
