import { HttpUser, between, scenario, task } from 'burst'

class WeatherV1 extends HttpUser {
  wait = between(1, 3)
  session = ''
  first: any = ''
  day = ''
  city: any = ''

  async onStart() {
    const response = await this.http.post('/session', { form: { user: 'ann', password: 'pw' } }).check({
      'Status code is 201': (response) => response.status === 201,
      'Has token': (response) => {
        const jsonData = response.json()
        return jsonData.token !== undefined && jsonData.token.length > 0
      },
      'Content-Type is JSON': (response) =>
        (response.headers.get('Content-Type') ?? '').indexOf('application/json') > -1,
      'item … has an id': (response) => {
        const jsonData = response.json()
        return jsonData.items.every((_: any, i: any) => jsonData.items[i].id > 0)
      },
    })
    const jsonData = response.json()

    this.session = jsonData.token
    if (jsonData.items && jsonData.items.length) this.first = jsonData.items[0].name
  }

  @task
  async forecast() {
    const now = new Date()
    this.day = now.getFullYear() + '-' + (now.getMonth() + 1) + '-' + now.getDate()
    const cities = ['Berlin', 'Oslo']
    this.city = cities[this.random.int(0, cities.length - 1)]!
    await this.http
      .get('/forecast/:city', {
        params: { city: this.city },
        query: { day: this.day, units: 'metric' },
        headers: { 'X-Session': this.session },
      })
      .check({
        'Body matches string': (response) => response.body.includes('hat'),
        'Response time is less than 500ms': (response) => response.latencyMs < 500,
        temperature: (response) => {
          const data = response.json()
          return Array.isArray(data.items) && data.items.length === 1
        },
      })

    this.day = ''
  }
}

// TODO set the host with -H: https://<host>
export default scenario({
  users: [WeatherV1],
})
