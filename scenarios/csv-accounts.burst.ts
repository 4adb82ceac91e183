/**
 * Every user logs in with a different account from a CSV file. With `unique()`, no two users have the same row, even if the users run on different
 * machines. burst refuses to start a run that has more users than rows. The file accounts.csv is in the same folder as this
 * scenario. The first line of accounts.csv names the columns.
 *
 *     npx burst run csv-accounts.burst.ts --local -H https://staging.example.com
 */
import { HttpUser, constant, csv, hold, ramp, scenario, task } from 'burst'

const accounts = csv('accounts.csv', ['email', 'password', 'favourite']).unique()

export class Customer extends HttpUser {
  wait = constant('1s')
  private favourite = ''

  async onStart() {
    const { email, password, favourite } = accounts.next()
    this.favourite = favourite
    const { token } = await this.http.post('/login', { json: { email, password } }).json()
    this.http.headers.set('authorization', `Bearer ${token}`)
  }

  @task(3)
  async favourites() {
    await this.http.get('/category/:name', { params: { name: this.favourite } }).expect(200)
  }

  @task(1)
  async cart() {
    await this.http.get('/cart').expect({ status: 200, body: /"total":/ })
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Customer],
  load: [ramp(20, '5s'), hold('25s')],
  thresholds: ['errors < 1%', 'p95 < 500ms'],
})
