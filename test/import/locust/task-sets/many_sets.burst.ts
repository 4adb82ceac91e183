import { HttpUser, between, scenario, task } from 'burst'

class BrowseTasks extends HttpUser {
  static weight = 3
  wait = between('1s', '2s')

  async onStart() {
    await this.http.get('/welcome')
  }

  @task(3)
  async home() {
    await this.http.get('/')
  }

  @task
  async about() {
    await this.http.get('/about')
  }
}

class ApiTasks extends HttpUser {
  wait = between('1s', '2s')

  @task
  async health() {
    await this.http.get('/api/health')
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [BrowseTasks, ApiTasks],
})
