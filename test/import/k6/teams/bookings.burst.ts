import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'

class Client {
  user: HttpUser
  base: any
  headers: any

  constructor(user: HttpUser, base = '') {
    this.user = user
    this.base = base
    this.headers = { Accept: 'application/json' }
  }

  authorize(token: any) {
    this.headers.Authorization = `Bearer ${token}`
    return this
  }

  async read(path: any, name: any) {
    const res = await this.user.http
      .get(path, { headers: this.headers, name })
      .check('status is below 400', (response) => response.ok)
    if (res.status !== 200) throw new Error(`${name} answered ${res.status}`)
    return res.json()
  }
}

class Bookings extends Client {
  made: any

  constructor(user: HttpUser) {
    super(user)
    this.made = []
  }

  async signIn(user: any) {
    return this.authorize(
      (
        await this.user.http
          .post('/session', { form: { user: user.name, password: user.password } })
          .check('signed in', (r) => r.status < 300)
          .json()
      ).token,
    )
  }

  async find(city: any, nights: any = 2) {
    return (await this.read(`/flights?city=${city}&nights=${nights}`, 'Find')).flights
  }

  async book({ id }: any) {
    const res = await this.user.http
      .post('/flights/:id/bookings', { params: { id }, json: { seats: 1 }, headers: { ...this.headers } })
      .check('booked', (r) => r.status === 200)
    this.made.push(res.json().id)
    this.user.record({ method: 'COUNTER', name: 'bookings', ms: 0 })
    return res
  }

  async confirmAll() {
    for (const id of this.made) {
      const res = await this.user.http.put('/bookings/:id', { params: { id }, headers: this.headers, name: 'Confirm' })
      this.user.record({ method: 'TREND', name: 'confirm_time', ms: res.latencyMs })
    }
    this.made = []
  }

  get count() {
    return this.made.length
  }
}

class Basket {
  items: any = []

  add(item: any, price: any) {
    this.items.push({ item, price })
    return this.total()
  }

  total() {
    return this.items.reduce((sum: any, { price }: any) => sum + price, 0)
  }

  body() {
    return JSON.stringify(this.items)
  }

  static of(...items: any[]) {
    const basket = new Basket()
    for (const item of items) {
      basket.add(item.name, 10)
    }
    return basket
  }
}

class Visitor extends HttpUser {
  wait = constant(1)

  @task
  async visit() {
    const client = new Bookings(this)
    await this.step('sign in', async () => {
      await client.signIn({ name: `user-${this.index + 1}`, password: 'secret' })
    })
    const [first] = await client.find('Oslo')
    if (first) await client.book(first)
    console.log(`${client.count} bookings for ${Basket.of(first).total()}`)
    console.log(Basket.of(first).body())
    await client.confirmAll()
  }
}

// TODO bookings.js:18: the threshold of bookings has no counterpart: bookings: ['count>10'],
export default scenario({
  host: 'https://bookings.example.com',
  users: [Visitor],
  load: [ramp(20, '30s'), hold('1m'), ramp(0, '10s')],
  thresholds: ['errors < 1%', 'PUT Confirm: p95 < 900ms'],
  beforeRun: async () => {
    // TODO bookings.js:104: only the code of a user can create this object, because the object sends requests: const admin = new Bookings()
    // TODO bookings.js:105: admin.signIn({ name: 'admin', password: 'secret' })
    return { started: Date.now() }
  },
})
