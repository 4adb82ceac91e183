import { HttpUser, between, csv, scenario, task } from 'burst'

const accounts = csv('users.csv', ['email', 'password']).random()
const retries = 3
const status: Record<string, any> = { '200': 'ok', '404': 'missing', '500': 'broken' }

/** Returns the local time of a date in the format of toISOString, but without a time zone. */
function localIso(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 23)
}

/** Returns the items, sorted by their keys. */
function sortedBy<T = any>(items: readonly T[], keyOf: (item: T) => any = (item) => item): T[] {
  const compare = (a: any, b: any): number => {
    if (!Array.isArray(a)) return a < b ? -1 : Number(a > b)
    return a.map((one, index) => compare(one, b[index])).find((order) => order !== 0) ?? 0
  }
  return items.toSorted((a, b) => compare(keyOf(a), keyOf(b)))
}

class Booking extends HttpUser {
  wait = between('1s', '2s')
  private day = ''

  async onStart() {
    const account = accounts.next()
    const response = await this.http
      .post('/session', { form: { email: account.email, password: account.password } })
      .check('status is below 400', (response) => response.ok)
    if (response.status !== 201) {
      // TODO branches_retry.py:26: a simulated user cannot see or stop the run: self.environment.runner.quit()
      return
    }
    this.http.headers.set('authorization', `Token ${response.json().token}`)
    this.day = localIso(new Date(Date.now() + 604800000)).slice(0, 10)
  }

  @task
  async book() {
    let attempts = 0
    let done = false
    let isDone = false
    while (!done && attempts < retries) {
      attempts += 1
      try {
        await this.http.post('/bookings', { json: { day: this.day, seats: [1, 2] } }).expect((response) => {
          if ([200, 201].includes(response.status)) {
            done = true
          } else if (response.status === 423) {
            throw new Error(`locked, attempt ${attempts}/${retries}`)
          } else {
            throw new Error(status[response.status] ?? 'unknown')
          }
        })
      } catch (error) {
        console.log('booking failed:', error)
        isDone = true
        break
      }
    }
    if (!isDone) console.log(`done after ${String(attempts).padStart(2)} attempts`)
  }

  @task(2)
  async listBookings() {
    const page = await this.http.get('/bookings', { query: { from: this.day, limit: 20 } }).json()
    const ids = Object.fromEntries(
      page.items.filter((entry: any) => entry.tag === 'new').map((entry: any) => [entry.id, entry]),
    )
    const names = sortedBy<any>(Object.values(ids).map((entry) => entry.name))
    for (const [index, name] of names.map((one, index) => [index + 1, one] as const)) {
      await this.http.get('/bookings/by-name/:name', { params: { name }, headers: { 'X-Index': index } })
    }
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: process.env.TARGET_HOST ?? 'https://booking.example.com',
  users: [Booking],
})
