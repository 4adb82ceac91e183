import { HttpUser, scenario, task } from 'burst'

class Reader extends HttpUser {
  @task
  async read() {
    // TODO counted_methods.py:9: "a=b=c".split("=", 1)
    // TODO counted_methods.py:10: "x-y-z".replace("-", "+", 1)
    const once: any = 'TODO'
    const always = 'x-y-z'.replaceAll('-', '+')
    const seen = new Set(['a', 'b'])
    seen.delete('a')
    seen.clear()
    // TODO counted_methods.py:15: pairs[1]
    await this.http.get(`/TODO${once}${always}${seen.size}`, { name: '/:pairs:once:always:seen' })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'https://example.com',
  users: [Reader],
})
