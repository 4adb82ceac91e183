import { HttpUser, type Response, scenario, task } from 'burst'

function checkResponse(response: Response, expected = 200): boolean {
  if (response.status !== expected) throw new Error(`Expected ${expected}, got ${response.status}`)
  return true
}

class Jobs extends HttpUser {
  @task
  async job() {
    let result: any
    await this.http.post('/jobs', { json: { kind: 'export' } }).expect((response) => {
      if (!checkResponse(response, 202)) {
        result = null
        return
      }
    })
    if (result !== undefined) return
    await this.http.get('/jobs')
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Jobs],
})
