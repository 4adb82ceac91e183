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
    // TODO hostile.sh:2: only a shell can evaluate this: $(rm -rf /)
    // TODO hostile.sh:2: only a shell can evaluate this: `whoami`
    await this.http.get('/TODO')
  }

  @task
  async getB() {
    // TODO hostile.sh:3: this is not a method: --request GET; process.exit(3)
    // TODO hostile.sh:3: this cannot be sent as a header: header Evil Name
    // TODO hostile.sh:3: this cannot be sent as a header: header X-B
    await this.http.get('/b')
  }
}

export default scenario({
  host: 'https://x.example',
  users: [Visitor],
})
