import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async postIdProcessExit1() {
    await this.http.post("/`id`/';%20process.exit(1);%20'", {
      form: { a: '\u2028' },
      headers: { 'X-A': '*/ ${process.exit(2)}' },
    })
  }

  @task
  async getTodo() {
    // TODO hostile.sh:2: $(rm -rf /): only a shell can evaluate this
    // TODO hostile.sh:2: `whoami`: only a shell can evaluate this
    await this.http.get('/TODO')
  }

  @task
  async getB() {
    // TODO hostile.sh:3: --request GET; process.exit(3): this is not an HTTP method
    // TODO hostile.sh:3: header Evil Name: this cannot be sent as a header
    // TODO hostile.sh:3: header X-B: this cannot be sent as a header
    await this.http.get('/b')
  }
}

export default scenario({
  host: 'https://x.example',
  users: [Visitor],
})
