import { HttpUser, between, hold, ramp, scenario, task } from 'burst'

class U extends HttpUser {
  wait = between('1s', '2s')

  @task
  async a() {
    await this.http.get('/')
  }
}

export default scenario({
  users: [U],
  load: [ramp(4, '2s'), hold('2s'), ramp(8, '2s'), hold('4s')],
})
