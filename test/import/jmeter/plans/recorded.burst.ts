import { HttpUser, type Random, hold, ramp, scenario, task } from 'burst'

/** Returns a normally distributed random number with mean 0 and standard deviation 1. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

class Users extends HttpUser {
  vs = ''
  ev = ''
  links: string[] = []

  @task
  async users() {
    await this.step('001 Home', async () => {
      await this.sleep(Math.max(0, 1 + 0.3 * drawNormal(this.random)))
      const response = await this.http
        .get('/', { headers: { Referer: 'https://www.example.com/' } })
        .expect((found) => found.ok)
      this.vs = /id="__VIEWSTATE" value="([^"]*)"/.exec(response.body)?.[1] ?? 'NOT FOUND'
      this.ev = /__EVENTVALIDATION" value="(.*?)"/.exec(response.body)?.[1] ?? ''
    })
    await this.step('002 Search', async () => {
      await this.sleep(Math.max(0, 1 + 0.3 * drawNormal(this.random)))
      // TODO recorded.jmx:183: ResponseAssertion 'Response Assertion': this element has no counterpart
      const response = await this.http
        .post('/Search.aspx', {
          form: { __VIEWSTATE: this.vs, __EVENTVALIDATION: this.ev, ctl00$q: 'red hat & coat', lang: 'de DE' },
          headers: { Origin: 'https://www.example.com' },
        })
        .expect((found) => found.ok)
      this.links = [...response.body.matchAll(/<a href="\/item\/(\d+)">/g)].map(([, one]) => one ?? '')
    })
    await this.step('003 Item', async () => {
      if (this.links.length > 0) {
        await this.sleep(Math.max(0, 1 + 0.3 * drawNormal(this.random)))
        await this.http.get('/item/:part', { params: { part: this.links[0] ?? '' }, query: { ref: 'search' } })
      }
    })
    await this.step('004 Upload', async () => {
      await this.sleep(Math.max(0, 1 + 0.3 * drawNormal(this.random)))
      // TODO recorded.jmx:234: HTTPSamplerProxy '/upload': a file is not beside the plan; the string TODO replaces its content
      await this.http.post('/upload', {
        multipart: {
          title: 'A',
          file: { content: 'TODO', filename: 'photo.png', type: 'image/png' },
          doc: { content: 'TODO', filename: 'doc.pdf', type: 'application/pdf' },
        },
      })
    })
    await this.sleep(Math.max(0, 1 + 0.3 * drawNormal(this.random)))
    await this.http.get('https://cdn.example.com/app.js')
  }
}

export default scenario({
  host: 'https://www.example.com',
  users: [Users],
  load: [ramp(50, '1m'), hold('9m')],
})
