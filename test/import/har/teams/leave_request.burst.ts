import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  async onStart() {
    this.http.headers.set('User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0')
    this.http.headers.set('Accept', 'text/html')
    this.http.headers.set('Accept-Language', 'de')
  }

  /** Recorded as visit. */
  @task
  async visit() {
    const csrfToken = await this.http.get('/login').match(/name=["']csrf_token["'][^>]*value=["']([^"']+)["']/)
    // TODO leave_request.har: entry 2: password: set the secret with --var password=…
    await this.http.post('/login', {
      form: { csrf_token: csrfToken, username: 'ann', password: this.vars.password ?? '' },
      headers: { Origin: 'https://intra.example.org' },
    })
    const page = await this.http.get('/form', { query: { year: '2026' } }).html()
    const flowKey = page.querySelector('input[name="flowKey"]')?.getAttribute('value') ?? ''
    const csrf = page.querySelector('input[name="_csrf"]')?.getAttribute('value') ?? ''
    const id = (
      await this.http
        .post('/leave/apply', {
          query: { execution: flowKey },
          form: {
            _csrf: csrf,
            flowKey,
            from: '2026-07-01',
            to: '2026-07-14',
            kind: 'annual',
            'days[]': ['1', '2'],
            comment: 'Über Ostern',
          },
          headers: { 'X-Requested-With': 'XMLHttpRequest', 'X-CSRF-TOKEN': csrf },
        })
        .json()
    ).id
    await this.http.get('/leave/:id/status', { params: { id } })
    await this.http.get('/leave/:id.pdf', { params: { id } })
  }
}

export default scenario({
  host: 'https://intra.example.org',
  users: [Visitor],
})
