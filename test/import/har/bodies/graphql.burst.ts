import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  /** Recorded as GraphQL. */
  @task
  async graphQl() {
    const body = await this.http.graphql('query Cart($id: ID!) { cart(id: $id) { total } }', { id: 'x' }).json()
    const id = body.data.cart.id
    await this.http.graphql('mutation { pay }', { cart: id, ['__proto__']: 1 })
    await this.http.options('/graphql')
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Visitor],
})
