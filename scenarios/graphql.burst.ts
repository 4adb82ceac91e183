/**
 * Sends GraphQL requests. The report counts each operation by its name, as `POST /graphql Product`. A response with GraphQL errors is a failed
 * request, although its status is 200.
 *
 *     npx burst run graphql.burst.ts --local -H https://staging.example.com
 */
import { HttpUser, between, hold, ramp, scenario, task } from 'burst'

const product = `query Product($id: ID!) {
  product(id: $id) { id name price }
}`

export class Visitor extends HttpUser {
  wait = between('500ms', '2s')

  @task
  async look() {
    const data = await this.http.graphql(product, { id: this.random.int(1, 100) }).data()
    if (data.product.price <= 0) throw new Error('a product is free of charge')
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Visitor],
  load: [ramp(20, '5s'), hold('25s')],
  thresholds: ['errors < 1%', 'POST /graphql Product: p95 < 500ms'],
})
