import { HttpUser, hold, ramp, scenario, task } from 'burst'

// TODO hostile.jmx:20: CSVDataSet 'CSV Data Set Config': the first line of a'+process.exit(1)+'.csv must name the columns: a'+process.exit(1)+',constructor

class XProcessExit1 extends HttpUser {
  processExit1 = ''
  wait_ = ''
  http_ = ''
  constructor_ = ''

  @task
  async xProcessExit1() {
    this.processExit1 = await this.http
      .get("/'+process.exit(1)+'/:processExit1/%3Aid", {
        params: { processExit1: this.processExit1 },
        query: { "a'+process.exit(1)+'": `\`${this.processExit1}\``, ['__proto__']: `${this.constructor_}TODO` },
        headers: { 'x-y': "'; process.exit(1); '" },
      })
      .expect({ body: "'); */ x(1)//" })
      .match(/\/;a(b)\//)
    await this.step("'); process.exit(1); ('", async () => {
      const body = await this.http.get('/t').json()
      this.wait_ = body.a
      this.http_ = body.b
      this.constructor_ = body['process.exit(1)']
    })
  }
}

// TODO hostile.jmx:27: ${__proto__}: this function has no counterpart; the string TODO replaces its value
export default scenario({
  host: 'https://x.example.com',
  users: [XProcessExit1],
  load: [ramp(1, '0s'), hold('10s')],
})
