import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async postTPosts() {
    // TODO firefox.sh:1: header X-CSRF-Token: set the secret with --var x_csrf_token=…
    // TODO firefox.sh:1: header Cookie: set the secret with --var cookie=…
    await this.http.post('/t/42/posts', {
      form: { title: 'Hello world', text: '50% off', 'tags[]': ['a', 'b'] },
      headers: {
        'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
        Accept: '*/*',
        'Accept-Language': 'de,en-US;q=0.7',
        'X-CSRF-Token': this.vars.x_csrf_token ?? '',
        Origin: 'https://forum.example.org',
        Cookie: this.vars.cookie ?? '',
      },
    })
  }
}

export default scenario({
  host: 'https://forum.example.org',
  users: [Visitor],
})
