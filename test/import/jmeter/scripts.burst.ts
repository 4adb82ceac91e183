import { HttpUser, csv, hold, ramp, scenario, task } from 'burst'

const plain = csv('plain.csv', ['id', 'name'], { delimiter: ';' }).unique()

class Scripts extends HttpUser {
  iteration = 0

  @task
  async scripts() {
    this.iteration++
    const plainRow = plain.next()
    // TODO scripts.jmx:14: write auth: { user, password } at the requests: AuthManager HTTP Authorization Manager
    // TODO scripts.jmx:26: this has no counterpart: JSR223Sampler Groovy
    // TODO scripts.jmx:35: this has no counterpart: JSR223PostProcessor After
    // TODO scripts.jmx:39: this has no counterpart: XPathExtractor XPath
    await this.http.get('/default').expect((response) => !response.body.includes('error'))
    await this.http.get('/rows/:id/:name', {
      params: { id: plainRow.id, name: plainRow.name },
      query: { n: this.iteration, u: this.vars.unknown ?? '' },
    })
    // TODO scripts.jmx:53: write wait = pacing(…), or load: [arrivals(…)]: ConstantThroughputTimer Throughput
    // TODO scripts.jmx:57: this has no counterpart: jp.gc.Foo A plugin
  }
}

// TODO scripts.jmx:18: it has no end; here it ends after 10 minutes, or give -t: ThreadGroup Scripts
export default scenario({
  users: [Scripts],
  load: [ramp(3, '3s'), hold('10m')],
})
