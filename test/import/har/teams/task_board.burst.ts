import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  /** Recorded as visit. */
  @task
  async visit() {
    await this.http.get('https://app.example.com/')
    await this.http.get('https://app.example.com/assets/index-9f2c.js')
    await this.http.options('/v1/login', {
      headers: { 'access-control-request-method': 'POST', origin: 'https://app.example.com' },
    })
    // TODO task_board.har: entry 4: password: set the secret with --var password=…
    const body = await this.http
      .post('/v1/login', {
        json: { email: 'ann@example.com', password: this.vars.password ?? '', remember: true },
        headers: {
          accept: 'application/json, text/plain, */*',
          'accept-language': 'en-GB,en;q=0.9',
          'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36',
          'x-client-version': '4.12.0',
        },
      })
      .json()
    const id = body.user.workspaces[0].id
    const token = body.token
    const id3 = body.user.id
    const body2 = await this.http
      .get('/v1/workspaces/:id/projects', {
        params: { id },
        query: { archived: 'false', sort: '-updated' },
        headers: {
          accept: 'application/json, text/plain, */*',
          'accept-language': 'en-GB,en;q=0.9',
          'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36',
          'x-client-version': '4.12.0',
          authorization: `Bearer ${token}`,
        },
      })
      .json()
    const next = body2.next
    const id2 = body2.items[0].id
    await this.http.post('https://stats.example.net/collect', { query: { v: '2', tid: 'UA-1' }, body: 'en=page_view' })
    await this.http.get('/v1/workspaces/:id/projects', {
      params: { id },
      query: { archived: 'false', sort: '-updated', cursor: next },
      headers: {
        accept: 'application/json, text/plain, */*',
        'accept-language': 'en-GB,en;q=0.9',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36',
        'x-client-version': '4.12.0',
        authorization: `Bearer ${token}`,
      },
    })
    await this.sleep(4)
    const id4 = (
      await this.http
        .post('/v1/projects/:id2/tasks', {
          params: { id2 },
          json: { title: 'Write the notes', due: '2026-03-05', assignees: [id3] },
          headers: {
            accept: 'application/json, text/plain, */*',
            'accept-language': 'en-GB,en;q=0.9',
            'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36',
            'x-client-version': '4.12.0',
            authorization: `Bearer ${token}`,
            'idempotency-key': '6f1c9c1e-0f3a-4f4f-9d0b-b2f7a4b7a001',
          },
        })
        .json()
    ).id
    await this.sleep(2)
    await this.http.patch('/v1/tasks/:id4', {
      params: { id4 },
      json: { done: true },
      headers: {
        accept: 'application/json, text/plain, */*',
        'accept-language': 'en-GB,en;q=0.9',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36',
        'x-client-version': '4.12.0',
        authorization: `Bearer ${token}`,
      },
    })
    await this.http.get('/v1/tasks/:id4/activity', {
      params: { id4 },
      headers: {
        accept: 'application/json, text/plain, */*',
        'accept-language': 'en-GB,en;q=0.9',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36',
        'x-client-version': '4.12.0',
        authorization: `Bearer ${token}`,
      },
    })
    await this.sleep(3)
    await this.http.delete('/v1/tasks/:id4', {
      params: { id4 },
      headers: {
        accept: 'application/json, text/plain, */*',
        'accept-language': 'en-GB,en;q=0.9',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36',
        'x-client-version': '4.12.0',
        authorization: `Bearer ${token}`,
      },
    })
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Visitor],
})
