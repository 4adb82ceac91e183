import { HttpUser, between, scenario, task } from 'burst'

class Loops extends HttpUser {
  wait = between(1, 3)

  @task
  async everyItem() {
    await this.http.get('/items').check({
      '… has an id': (response) => response.json().every((item: any) => typeof item.id === 'number'),
      'item … has a short name': (response) =>
        response.json().every((item: any) => item.name.length >= 1 && item.name.length <= 10),
    })
  }

  @task
  async counted() {
    const response = await this.http.get('/items').check({
      'Item … links to itself': (response) => response.json().every((item: any) => item.url.includes(item.id)),
      'Item … has a known tag': (response) =>
        response.json().every((item: any) => !item.tag || ['new', 'old'].includes(item.tag)),
    })
    const jsonData = response.json()

    for (let i = 1; i < jsonData.length; i++) {
      // TODO loops.json: Counted: pm.test() has no counterpart: pm.test(`Item ${i} follows the one before`, () => {
    }
    for (let i = 0; i < jsonData.length; i += 2) {
      // TODO loops.json: Counted: pm.test() has no counterpart: pm.test(`Even item ${i} is new`, () => pm.expect(jsonData[i].tag).to.eql("new"));
    }
  }

  @task
  async nested() {
    const response = await this.http.get('/things').check({
      'entry has …': (response) =>
        response
          .json()
          .entries.every((entry: any) => ['id', 'name', 'url'].every((key: any) => entry[key] !== undefined)),
      'item … is new': (response) => response.json().items.every((item: any) => item.tag === 'new'),
      'flight …': (response) => response.json().flights.every((flight: any) => flight.id > 0),
    })
    const body = response.json()

    let cheapest: any = null
    body.messages.forEach((message: any) => {
      cheapest = message.id
      // TODO loops.json: Nested: pm.test() has no counterpart: pm.test("message " + message.id, () => pm.expect(message.id).to.be.above(0));
    })
  }

  @task
  async notTranslated() {
    // TODO loops.json: Not translated: chain .json(schema) to the request to check the schema: pm.test(`${entry.name} matches its schema`, () => pm.expect(tv4.valida…
    const response = await this.http.get('/things').check('status is below 400', (response) => response.ok)
    const body = response.json()
    body.items.forEach(({ id, name }: any) => {
      // TODO loops.json: Not translated: pm.test() has no counterpart: pm.test(`${name} has an id`, () => pm.expect(id).to.be.a("number"));
    })
  }

  @task
  async failingOnPurpose() {
    await this.http.get('/things/7').check('The thing is not gone', (response) => {
      const thing = response.json()
      return thing.status !== 'gone' && !!thing.name
    })
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Loops],
})
