import { HttpUser, between, scenario, task } from 'burst'

class ProcessExit1 extends HttpUser {
  wait = between(1, 3)
  proto = ''

  @task
  async constructorTask() {
    // TODO hostile.json: constructor: this loop would stop all users of the worker; write await this.sleep(…): while (true) {}
    // TODO hostile.json: constructor: process is not known: process.exit(4)
    this.proto = (
      await this.http
        .get("/`${process.exit(2)}`/:proto/'", {
          params: { proto: this.proto },
          headers: { 'x-a': "'+process.exit(3)+'" },
        })
        .json()
    ).constructor
  }

  @task
  async thenTask() {
    // TODO hostile.json: then: this script cannot be read: not ( javascript
    await this.http.post('/b', { json: { ['__proto__']: { a: '{{loop}}' } } })
  }

  @task
  async visit5() {
    // TODO hostile.json: 5: url: this request has no URL
    await this.http.get('/')
  }
}

export default scenario({
  host: 'https://x.example',
  users: [ProcessExit1],
})
