import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  async onStart() {
    this.http.headers.set('User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0')
    this.http.headers.set('Accept', '*/*')
    this.http.headers.set('Accept-Language', 'de,en;q=0.5')
  }

  /** Recorded as Login | Django site admin. */
  @task
  async loginDjangoSiteAdmin() {
    const csrfmiddlewaretoken = await this.http
      .get('/admin/login/', { query: { next: '/admin/' } })
      .match(/name=["']csrfmiddlewaretoken["'][^>]*value=["']([^"']+)["']/)
    await this.sleep(8)
    // TODO django.har: entry 2: password: set the secret with --var password=…
    await this.http.post('/admin/login/', {
      query: { next: '/admin/' },
      form: { csrfmiddlewaretoken, username: 'admin', password: this.vars.password ?? '', next: '/admin/' },
    })
    await this.sleep(5)
    const id = (
      await this.http
        .post('/admin/upload/', {
          multipart: {
            csrfmiddlewaretoken,
            title: 'Übersicht',
            upload: { content: 'a,b\n1,2\n', filename: 'data.csv', type: 'text/csv' },
          },
        })
        .json()
    ).upload.id
    // TODO django.har: entry 5: X-CSRFToken: set the secret with --var x_csrftoken=…
    await this.http.get('/admin/upload/:id/status', {
      params: { id },
      headers: { 'X-CSRFToken': this.vars.x_csrftoken ?? '' },
    })
    // TODO django.har: entry 6: application/octet-stream: the body is not text; send the bytes of a file with file(…)
    await this.http.put('/admin/raw/x.bin', { body: 'TODO', headers: { 'Content-Type': 'application/octet-stream' } })
    await this.http.get('/static/admin/css/base.css')
  }
}

// TODO django.har: entry 8: GET https://intra.example.com/blocked: this request has no response in the recording, so it is left out
export default scenario({
  host: 'https://intra.example.com',
  users: [Visitor],
})
