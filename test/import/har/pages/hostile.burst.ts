import { HttpUser, constant, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = constant(1)

  /** Recorded as * / process.exit(1) /*. */
  @task
  async processExit1() {
    await this.http.get("/a%60$%7Bprocess.exit(2)%7D/'b/%3Aid", {
      query: { ['__proto__']: '1', c: "'" },
      headers: { 'x-a': "'+process.exit(3)+'" },
    })
  }

  /** Recorded as constructor. */
  @task
  async constructorTask() {
    // TODO hostile.har: entry 2: token: set the secret with --var token=…
    await this.http.post('/b', {
      json: { constructor: { prototype: 1 }, ['__proto__']: { token: this.vars.token ?? '' } },
    })
  }
}

// TODO hostile.har: entry 8: GET https://x.example/c: this request has no response in the recording, so it is left out
// TODO hostile.har: entry 3: WebSocket wss://x.example/socket: this connection and its messages are left out; open it with this.ws
export default scenario({
  host: 'https://x.example',
  users: [Visitor],
})
