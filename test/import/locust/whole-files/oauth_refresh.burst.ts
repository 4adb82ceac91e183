import { HttpUser, between, scenario, task } from 'burst'

// TODO oauth_refresh.py:15: fake = Faker("de_DE")
const api = process.env.API_PREFIX ?? '/api/v2'
const clientId = process.env.CLIENT_ID ?? 'load-test'
const clientSecret = 'CLIENT_SECRET' in process.env ? (process.env.CLIENT_SECRET ?? '') : ''
const cities = ['Berlin', 'Hamburg', 'Köln']
const roomTypes = { single: 5, double: 3, suite: 1 }
// TODO oauth_refresh.py:22: each worker has its own copy, so users of two workers can take the same items: BOOKED: list[str] = []
const booked: any[] = []

function inDays(days: any, fmt = '%Y-%m-%d') {
  // TODO oauth_refresh.py:37: return (datetime.now(timezone.utc) + timedelta(days=days)).strftime(fmt)
  return 'TODO' as any
}

/** Returns one of the items, with a probability in proportion to its weight. The argument drawn is a random number in [0, 1). */
function pickWeighted<T = any>(items: readonly T[], weights: readonly number[], drawn: number): T {
  let left = drawn * weights.reduce((sum, weight) => sum + weight, 0)
  return items[weights.findIndex((weight) => (left -= weight) < 0)]!
}

class BookingUser extends HttpUser {
  wait = between('500ms', '2.5s')
  private token: any = null
  private expiresAt = 0
  private guest: Record<string, string> = {}

  async onStart() {
    // TODO oauth_refresh.py:46: fake.name()
    this.guest = { name: 'TODO', email: `${crypto.randomUUID().replaceAll('-', '').slice(0, 8)}@example.com` }
    await this.authenticate()
  }

  @task(10)
  async search() {
    await this.ensureToken()
    const params = {
      city: this.random.pick(cities),
      from: inDays(this.random.int(1, 30)),
      guests: this.random.int(1, 4),
      type: pickWeighted([...Object.keys(roomTypes)], [...Object.values(roomTypes)], this.random.next()),
    }
    let rooms: any
    await this.http.get(`${api}/rooms`, { query: params, name: `${api}/rooms` }).expect((response) => {
      if (response.status !== 200) throw new Error(`got ${response.status}`)
      rooms = response.json().items ?? []
      if (!rooms?.length) throw new Error('no rooms')
      if (response.latencyMs / 1000 > 2) throw new Error('too slow')
    })
    if (rooms?.length && this.random.next() < 0.3) await this.book(rooms[0].id)
  }

  @task(2)
  async cancel() {
    if (booked.length === 0) return
    const booking = booked.pop()!
    await this.http.delete(`${api}/bookings/${booking}`, { name: `${api}/bookings/[id]` })
  }

  @task
  async profile() {
    for (const path of ['/me', '/me/bookings?limit=5']) {
      await this.http.get(`${api}${path}`)
    }
  }

  async onStop() {
    await this.http.post('/oauth/revoke', { form: { token: this.token } })
  }

  private async authenticate() {
    const response = await this.http
      .post('/oauth/token', {
        form: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
        name: 'token',
      })
      .check('status is below 400', (response) => response.ok)
    if (!response.ok) {
      console.error(`no token: ${response.text()}`)
      this.stop()
    }
    const body = response.json()
    this.token = body.access_token
    this.expiresAt = Date.now() / 1000 + (body.expires_in ?? 300) - 30
    this.http.headers.set('authorization', `Bearer ${this.token}`)
    this.http.headers.set('accept-language', 'de')
  }

  private async ensureToken() {
    if (Date.now() / 1000 >= this.expiresAt) await this.authenticate()
  }

  private async book(roomId: any) {
    // TODO oauth_refresh.py:95: [fake.sentence() for _ in range(2)]
    const payload = { room: roomId, guest: this.guest, stay: { from: inDays(7), to: inDays(9) }, requests: 'TODO' }
    const headers = { 'Idempotency-Key': crypto.randomUUID() }
    const body = await this.http.post(`${api}/bookings`, { json: payload, headers }).json()
    let booking: any
    try {
      booking = body.id
    } catch {
      return
    }
    booked.push(booking)
    await this.http.get(`${api}/bookings/${booking}`, { name: `${api}/bookings/[id]` })
  }
}

// TODO oauth_refresh.py:26: burst has no event for init: def on_init(environment, **_kwargs):
// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [BookingUser],
  onRequest: ({ method, name, latencyMs }) => {
    if (latencyMs > 3000) console.warn(`${method} ${name} took ${latencyMs} ms`)
  },
})
