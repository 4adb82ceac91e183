import { HttpUser, constant, hold, json, ramp, scenario, task } from 'burst'

const colours = json<string>('./colours.json').random()
let started: any

class Visitor extends HttpUser {
  wait = constant(1)
  token: any
  last: any = null
  visits = 0
  seen: any[] = []
  headers: Record<string, any> = { accept: 'application/json' }

  @task
  async visit() {
    this.visits++
    if (!this.token) await this.login()
    const res = await this.http
      .get('/items/:visits', { params: { visits: this.visits }, headers: this.headers })
      .check('ok', (r) => r.status === 200)
    this.seen.push(res.json().id)
    if (this.seen.length > 10) this.seen.shift()
    this.last = res.json().next || this.last
    await this.http.get('/next/:last', { params: { last: this.last }, query: { n: this.total([1, 2]), region: 'eu' } })
    await this.http.get('/search', { query: { q: colours.next() } })
  }

  async login() {
    this.token = (
      await this.http.post('/login', { json: { user: this.index + 1 }, headers: this.headers }).json()
    ).token
    this.headers.authorization = `Bearer ${this.token}`
  }

  total(list: any) {
    let visits = 0
    for (const one of list) {
      visits += one
    }
    return visits
  }
}

export default scenario({
  host: 'http://shop.example',
  users: [Visitor],
  load: [ramp(3, '0s'), hold('10s')],
  beforeRun: async () => {
    started = Date.now()
    return { started }
  },
})
