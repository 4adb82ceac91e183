import { HttpUser, scenario, task } from 'burst'

class Visitor extends HttpUser {
  @task
  async visit() {
    await this.http.get('/')
  }
}

export default scenario({
  host: 'https://quickpizza.example.com',
  users: [Visitor],
})
