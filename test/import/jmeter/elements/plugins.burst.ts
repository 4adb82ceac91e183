import { HttpUser, hold, ramp, scenario, task } from 'burst'

class Stepping extends HttpUser {
  @task
  async stepping() {
    await this.http.get('/a.css')
    await this.http.get('https://www.example.com/b')
    await this.http.get('https://www.example.com:8443/c')
  }
}

// TODO plugins.jmx:8: com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup 'Stepping': burst treats this group as a plain thread group
// TODO plugins.jmx:8: com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup 'Stepping': this group has no end; without -t, the run lasts 10 minutes
export default scenario({
  host: 'https://cdn.example.com',
  users: [Stepping],
  load: [ramp(50, '10s'), hold('10m')],
})
