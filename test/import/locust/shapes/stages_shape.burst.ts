import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'

class WebsiteUser extends HttpUser {
  wait = constant('500ms')

  @task
  async getRoot() {
    await this.http.get('/')
  }
}

export default scenario({
  users: [WebsiteUser],
  load: [
    ramp(10, '1s'),
    hold('59s'),
    ramp(50, '4s'),
    hold('36s'),
    ramp(100, '5s'),
    hold('75s'),
    ramp(30, '7s'),
    hold('33s'),
    ramp(10, '20s'),
  ],
})
