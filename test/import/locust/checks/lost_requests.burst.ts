import { HttpUser, between, scenario, task } from 'burst'

class Reader extends HttpUser {
  wait = between('1s', '2s')

  async onStart() {
    // TODO lost_requests.py:10: html.fromstring(self.client.get("/login").text)
    await this.http.get('/login')
    // TODO lost_requests.py:11: tree.xpath("//input")[0]
    const token: any = 'TODO'
    // TODO lost_requests.py:12: html.parse(self.client.get("/other").content)
    await this.http.get('/other')
    await this.http.post('/login', { form: { token, page: 'TODO' } })
  }

  @task
  async feeds() {
    // TODO lost_requests.py:19: [feedparser.parse(self.client.get(f"/feed/{i}").text) for i in range(3)]
    const results: any[] = []
    for (const i of Array.from({ length: 3 }).keys()) {
      results.push(
        await this.http.get('/feed/:i', { params: { i } }).check('status is below 400', (response) => response.ok),
      )
    }
    // TODO lost_requests.py:20: if feedparser.parse(self.client.get("/rss").text).bozo: return
    await this.http.get('/rss')
    // TODO lost_requests.py:22: feedparser.parse(self.fetch("/helper").text)
    await this.fetch('/helper')
    // TODO lost_requests.py:23: for entry in feedparser.parse(self.client.get("/entries").text).entries: print(entry)
    await this.http.get('/entries')
    // TODO lost_requests.py:25: assert feedparser.parse(self.client.get("/checked").text).ok
    await this.http.get('/checked')
    // TODO lost_requests.py:26: return feedparser.parse(self.client.get("/returned").text)
    await this.http.get('/returned')
    return 'TODO' as any
  }

  private async fetch(path: any) {
    return this.http.get(path).check('status is below 400', (response) => response.ok)
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Reader],
})
