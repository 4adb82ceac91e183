import { HttpUser, constant, scenario, task } from 'burst'

class CatchStyles extends HttpUser {
  wait = constant('1s')
  private lastOrder: any

  @task
  async greeting() {
    await this.http.post('/', { json: { foo: 42, bar: null } }).expect((response) => {
      if (response.json().greeting !== 'hello') throw new Error('Did not get expected value in greeting')
    })
  }

  @task
  async textAndTime() {
    await this.http
      .get('/')
      .expect({ under: 0.5 })
      .expect((response) => response.text() === 'Success', 'Got wrong response')
  }

  @task
  async bodyContains() {
    await this.http.get('/catalogue').expect({ body: 'Add to cart' })
  }

  @task
  async missingIsFine() {
    await this.http.get('/does_not_exist/').expect((response) => response.ok || response.status === 404)
  }

  @task
  async several() {
    await this.http.get('/orders').expect((response) => {
      if (response.status === 200) {
        const orders = response.json()
        if (orders.length === 0) throw new Error('no orders')
        this.lastOrder = orders[orders.length - 1].id
      } else if ([401, 403].includes(response.status)) {
        throw new Error('not allowed')
      } else {
        throw new Error(`status ${response.status}`)
      }
    })
  }

  @task
  async either() {
    await this.http.put('/profile', { json: { nick: 'x' } }).expect([200, 204])
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [CatchStyles],
})
