import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  /** Recorded as GraphQL. */
  @task
  async graphQl() {
    const id = (
      await this.http
        .post('/graphql', {
          json: {
            query: 'query Cart($id: ID!) { cart(id: $id) { total } }',
            variables: { id: 'x' },
            operationName: 'Cart',
          },
        })
        .json()
    ).data.cart.id
    await this.http.post('/graphql', { json: { query: 'mutation { pay }', variables: { cart: id, ['__proto__']: 1 } } })
    await this.http.options('/graphql')
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Visitor],
})
