import { HttpUser, between, scenario, task } from 'burst'

class Browser extends HttpUser {
  wait = between('2s', '4s')

  async onStart() {
    const csrfToken = await this.http.get('/login').match(/name="csrf_token" value="([^"]+)"/)
    // TODO csrf_regex.py:15: self.host
    await this.http.post('/login', {
      form: { csrf_token: csrfToken, username: 'ann' },
      headers: { Referer: 'TODO/login' },
    })
  }

  @task(2)
  async links() {
    const text = await this.http.get('/').text()
    const links = [...text.matchAll(/href="(\/p\/\d+)"/g)].map((found) => found[1]!)
    const item = /data-item="([a-z]+)-(\d+)"/is.exec(text)
    const kind = item ? item?.[1]! : 'none'
    const words = kind.split(/[,;]\s*/).filter((word) => /^(?:[a-z]+)$/.exec(word))
    await this.http.get('/items', {
      query: { kind: kind.replaceAll(/data-item="([a-z]+)-(\d+)"/gis, ''), words: words.length },
    })
    if (links.length > 0) await this.http.get(this.random.pick(links), { name: '/p/[id]' })
  }

  @task
  async soup() {
    const soup = await this.http.get('/form').html()
    const token = soup.querySelector('input[name="csrf_token"]')!.getAttribute('value')!
    await this.http.post('/form', { form: { token } })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Browser],
})
