import { HttpUser, type Random, hold, ramp, scenario, task } from 'burst'

/** A normally distributed number with mean 0 and standard deviation 1. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

class Api extends HttpUser {
  iteration = 0
  ids: string[] = []

  @task
  async api() {
    this.iteration++
    // TODO groovy.jmx:21: AuthManager HTTP Authorization Manager: write auth: { user, password } at each request
    await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
    // TODO groovy.jmx:46: JSR223PreProcessor JSR223: this script has no counterpart: vars.put("rid", UUID.randomUUID().toString()) vars.put("ts", String.valueOf(Syst…
    // TODO groovy.jmx:237: BeanShellPreProcessor BSH: this script has no counterpart: vars.put("a","b");
    // TODO groovy.jmx:75: JSR223PostProcessor JSR223: this script has no counterpart: import groovy.json.JsonSlurper def json = new JsonSlurper().parseText(prev.getR…
    await this.http
      .post('/orders', {
        body: `{"rid":"${this.vars.rid ?? ''}","ts":${this.vars.ts ?? ''},"email":"user${this.index + 1}_${this.iteration}@example.com"}`,
        headers: { 'X-Request-Id': this.vars.rid ?? '' },
      })
      .expect((response) => /^(?:OPEN)$/.test(String(response.json().status)))
    await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
    // TODO groovy.jmx:120: JSR223Assertion JSR223: this script has no counterpart: if (prev.getResponseCode() != "200") { AssertionResult.setFailure(true) }
    const body = await this.http
      .get('/orders/:orderId', {
        params: { orderId: this.vars.orderId ?? '' },
        query: { expand: 'items', total: this.vars.total ?? '' },
      })
      .json()
    this.ids = body.items.map((one: any) => one.id)
    for (const itemId of this.ids) {
      await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
      await this.sleep(Math.max(0, 0.3 + 0.1 * drawNormal(this.random)))
      await this.http.get('/items/:itemId', { params: { itemId } })
    }
    for (let turn = 0; turn < this.ids.length; turn++) {
      await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
      await this.http.get('/again/:part', { params: { part: 2 } })
    }
    // TODO groovy.jmx:176: JSR223Sampler Compute: this script has no counterpart: def x = 1 + 1 SampleResult.setResponseData("ok", "UTF-8")
    await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
    await this.http
      .patch('/orders/:orderId', { params: { orderId: this.vars.orderId ?? '' }, body: '{"status":"CLOSED"}' })
      .expect([200, 204])
      .expect((response) => !/error/.test(response.body))
    await this.sleep(Math.max(0, 0.4 + 0.0173 * drawNormal(this.random)))
    await this.http.get('/admin/stats')
    // TODO groovy.jmx:241: ConstantThroughputTimer CTT: write wait = pacing(…), or load: [arrivals(…)]
    // TODO groovy.jmx:249: SyncTimer Sync: this has no counterpart
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Api],
  load: [ramp(20, '10s'), hold('110s')],
})
