import { isDeepStrictEqual } from 'node:util'
import { HttpUser, type Response, between, scenario, task } from 'burst'

const checksOfEachRequest: Record<string, (response: Response) => boolean> = {
  'No server error': (response) => response.status < 500,
}
const checksOfCatalogue: Record<string, (response: Response) => boolean> = {
  'Catalogue answers with JSON': (response) =>
    (response.headers.get('content-type') ?? '').includes('application/json'),
}

class ContractTests extends HttpUser {
  wait = between(1, 3)
  itemId: any = ''

  /** Catalogue, then Missing */
  @task
  async catalogue() {
    const response = await this.http
      .get('/items', { query: { sort: 'name' } })
      .check(checksOfEachRequest)
      .check(checksOfCatalogue)
      .check({
        'Status code is 200': (response) => response.status === 200,
        'Status is a success': (response) => response.status >= 200 && response.status < 300,
        'Response time is acceptable': (response) => response.latencyMs < Number((this.vars.limit ?? '') || 2000),
        'It is a list that is not empty': (response) => {
          const jsonData = response.json()
          return (
            Array.isArray(jsonData) &&
            Object.keys(jsonData).length !== 0 &&
            jsonData.length >= 1 &&
            ['id', 'name'].every((key) => key in jsonData[0])
          )
        },
        'Every item is complete': (response) =>
          response
            .json()
            .every(
              (item: any) =>
                typeof item.id === 'number' &&
                item.id > 0 &&
                /^[a-z]+$/.test(item.name) &&
                (!item.tag || ['new', 'old'].includes(item.tag)),
            ),
        'The hat is in the list': (response) => {
          const hat = response.json().find((item: any) => item.name === 'hat')
          return (
            hat !== undefined &&
            typeof hat === 'object' &&
            hat !== null &&
            !Array.isArray(hat) &&
            hat.id === 7 &&
            typeof hat.url === 'string' &&
            Boolean(((url: any) => url.startsWith('/entry'))(hat.url))
          )
        },
      })
    // the list
    const jsonData = response.json()

    if (jsonData.length > 0) {
      const last = jsonData[jsonData.length - 1]
      this.itemId = last.id
    }
    // TODO assertions.json: Catalogue / Read: jsonSchema has no counterpart: pm.response.to.have.jsonSchema(schema);
    await this.http
      .get('/items/:itemId', { params: { itemId: this.itemId } })
      .check(checksOfEachRequest)
      .check(checksOfCatalogue)
      .check({
        ok: (response) => response.status === 200 && response.json() !== undefined && response.body !== '',
        body: (response) => {
          const body = response.json()
          return (
            body.name === 'hat' &&
            body.data.tag === 'new' &&
            body.data.cart?.id !== undefined &&
            isDeepStrictEqual(body.data.cart, { id: 7, name: 'hat', url: '/entry/7', tag: 'new' }) &&
            body.status === 'done' &&
            body.status !== 'failed' &&
            body.missing === undefined &&
            body.id >= 1 &&
            body.id <= 10 &&
            Array.isArray(body.flights) &&
            body.flights.length === 1 &&
            ['id', 'name'].every((one: any) => Object.keys(body).includes(one))
          )
        },
        headers: (response) =>
          response.headers.get('content-type') !== null &&
          response.headers.get('content-type') === 'application/json' &&
          response.headers.get('x-powered-by') === null &&
          response.headers.get('x-powered-by') === null,
        'body again': (response) =>
          response.json().data?.cart?.name === 'hat' && response.body.includes('hat') && response.json().token != null,
        'legacy status': (response) => response.status === 200,
        'legacy text': (response) => response.body.includes('hat'),
        'legacy time': (response) => response.latencyMs < 5000,
        'pm.response.to.not.be.error': (response) => !(response.status >= 400 && response.status < 600),
        'a new item has a URL': (response) => {
          const body = response.json()
          return body.tag !== 'new' || typeof body.url === 'string'
        },
        'an old item has none': (response) => {
          const body = response.json()
          return body.tag === 'new' || body.url === null
        },
      })
    await this.http
      .get('/does_not_exist/:itemId', { params: { itemId: this.itemId } })
      .check(checksOfEachRequest)
      .check(
        'Missing is not found',
        (response) => [404, 410].includes(response.status) && response.status === 404 && response.status === 404,
      )
    this.itemId = ''
    // TODO assertions.json: Missing: a task sends its requests in the order of the collection: pm.execution.setNextRequest(null);
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [ContractTests],
})
