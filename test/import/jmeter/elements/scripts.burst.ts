import { HttpUser, csv, hold, ramp, scenario, task } from 'burst'

const plain = csv('plain.csv', ['id', 'name'], { delimiter: ';' }).unique()

class Scripts extends HttpUser {
  iteration = 0

  @task
  async scripts() {
    this.iteration++
    const plainRow = plain.next()
    // TODO scripts.jmx:14: AuthManager 'HTTP Authorization Manager': write auth: { user, password } at each request
    console.log('x')
    // TODO scripts.jmx:39: XPathExtractor 'XPath': this element has no counterpart
    await this.http.get('/default').expect((response) => !response.body.includes('error'))
    await this.http.get('/rows/:id/:name', {
      params: { id: plainRow.id, name: plainRow.name },
      query: { n: this.iteration, u: this.vars.unknown ?? '' },
    })
    // TODO scripts.jmx:53: ConstantThroughputTimer 'Throughput': write wait = pacing(…), or load: [arrivals(…)]
    // TODO scripts.jmx:57: jp.gc.Foo 'A plugin': this element has no counterpart
  }
}

// TODO scripts.jmx:18: ThreadGroup 'Scripts': this group has no end; without -t, the run lasts 10 minutes
export default scenario({
  users: [Scripts],
  load: [ramp(3, '3s'), hold('10m')],
})
