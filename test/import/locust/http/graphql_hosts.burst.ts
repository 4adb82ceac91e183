import { HttpUser, between, scenario, task } from 'burst'

const query = '\nquery Product($id: ID!) {\n  product(id: $id) { name price }\n}\n'

class GraphQl extends HttpUser {
  wait = between('1s', '2s')

  @task
  async product() {
    await this.graphql('product', { id: '42' })
  }

  private async graphql(name: any, variables: any) {
    let body: any
    await this.http.post('/graphql', { json: { query, variables }, name: `/graphql ${name}` }).expect((response) => {
      body = response.json()
      if (body.errors) throw new Error(body.errors[0].message)
    })
    return body.data
  }
}

class Cdn extends HttpUser {
  @task
  async logo() {
    await this.http.get('https://cdn.example.com/logo.svg', { headers: { Accept: 'image/svg+xml' }, redirects: 0 })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'https://api.example.com',
  users: [GraphQl, Cdn],
})
