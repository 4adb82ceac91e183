import { HttpUser, constant, hold, pacing, ramp, scenario, task } from 'burst'

class WebUser extends HttpUser {
  static weight = 2
  wait = constant('1s')

  @task
  async page() {
    await this.http.get('/page')
  }
}

class ApiUser extends HttpUser {
  static count = 1
  wait = pacing('2s', { catchUp: false })

  @task
  async call() {
    await this.http.get('/api/status', { timeout: 27, redirects: 0 })
  }
}

// TODO shape_classes.py:29: burst runs all classes in every stage: {"duration": 10, "users": 10, "spawn_rate": 10, "user_classes": [WebUser]}
export default scenario({
  users: [WebUser, ApiUser],
  load: [ramp(10, '1s'), hold('9s'), ramp(50, '4s'), hold('16s'), ramp(100, '5s'), hold('25s')],
})
