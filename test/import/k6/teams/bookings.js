import http from 'k6/http'
import { check, fail, group, sleep } from 'k6'
import { Counter, Trend } from 'k6/metrics'

const BASE = __ENV.BASE || 'https://bookings.example.com'
const bookings = new Counter('bookings')
const confirmTime = new Trend('confirm_time', true)

export const options = {
  stages: [
    { duration: '30s', target: 20 },
    { duration: '1m', target: 20 },
    { duration: '10s', target: 0 },
  ],
  thresholds: {
    http_req_failed: ['rate<0.01'],
    'http_req_duration{name:Confirm}': ['p(95)<900'],
    bookings: ['count>10'],
  },
}

/** The part of every client that knows the server. */
class Client {
  constructor(base = BASE) {
    this.base = base
    this.headers = { Accept: 'application/json' }
  }

  authorize(token) {
    this.headers['Authorization'] = `Bearer ${token}`
    return this
  }

  read(path, name) {
    const res = http.get(`${this.base}${path}`, { headers: this.headers, tags: { name } })
    if (res.status !== 200) fail(`${name} answered ${res.status}`)
    return res.json()
  }
}

class Bookings extends Client {
  constructor() {
    super()
    this.made = []
  }

  signIn(user) {
    const res = http.post(`${this.base}/session`, { user: user.name, password: user.password })
    check(res, { 'signed in': (r) => r.status < 300 })
    return this.authorize(res.json('token'))
  }

  find(city, nights = 2) {
    return this.read(`/flights?city=${city}&nights=${nights}`, 'Find').flights
  }

  book({ id }) {
    const res = http.post(`${this.base}/flights/${id}/bookings`, JSON.stringify({ seats: 1 }), {
      headers: Object.assign({ 'Content-Type': 'application/json' }, this.headers),
    })
    check(res, { booked: (r) => r.status === 200 })
    this.made.push(res.json().id)
    bookings.add(1)
    return res
  }

  confirmAll() {
    for (const id of this.made) {
      const res = http.put(`${this.base}/bookings/${id}`, null, { headers: this.headers, tags: { name: 'Confirm' } })
      confirmTime.add(res.timings.duration)
    }
    this.made = []
  }

  get count() {
    return this.made.length
  }
}

class Basket {
  items = []

  add(item, price) {
    this.items.push({ item, price })
    return this.total()
  }

  total() {
    return this.items.reduce((sum, { price }) => sum + price, 0)
  }

  body() {
    return JSON.stringify(this.items)
  }

  static of(...items) {
    const basket = new Basket()
    for (const item of items) basket.add(item.name, 10)
    return basket
  }
}

export function setup() {
  const admin = new Bookings()
  admin.signIn({ name: 'admin', password: 'secret' })
  return { started: Date.now() }
}

export default function () {
  const client = new Bookings()
  group('sign in', () => {
    client.signIn({ name: `user-${__VU}`, password: 'secret' })
  })
  const [first] = client.find('Oslo')
  if (first) client.book(first)
  console.log(`${client.count} bookings for ${Basket.of(first).total()}`)
  console.log(Basket.of(first).body())
  client.confirmAll()
  sleep(1)
}
