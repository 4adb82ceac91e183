import { HttpUser, between, scenario, task } from 'burst'

class ContentHub extends HttpUser {
  wait = between(1, 3)
  token: any = ''
  expires: any = ''
  entryId: any = ''
  page: any = '1'

  /** Get a token when the old one has expired, then Search (GraphQL), then Upload, then Delete */
  @task
  async getATokenWhenTheOldOneHas() {
    const expires = Number(this.expires || 0)
    if (Date.now() > expires) {
      const res = await this.http
        .post('/session', { json: { client: 'load' } })
        .check('status is below 400', (found) => found.ok)
      if (res.error) return
      this.token = res.json().token
      this.expires = Date.now() + 60000
    }
    const response = await this.http
      .get('/content', {
        query: { page: this.page },
        headers: { Authorization: `Bearer ${this.token}`, 'X-Api-Key': this.vars.apiKey ?? '' },
      })
      .check('entry … has a name', (response) =>
        (response.json().entries || []).every((entry: any) => Object.keys(entry.name).length !== 0),
      )
    const entries = response.json().entries || []

    const first = entries.find((entry: any) => entry.tag === 'new')
    if (first) this.entryId = first.id
    this.page = parseInt(this.page) + 1
    await this.http.graphql(
      'query Search($q: String!) {\n  search(q: $q) { id name }\n}',
      { q: 'Word ' + this.random.int(0, 9999) },
      { headers: { 'X-Api-Key': this.vars.apiKey ?? '' } },
    )
    // TODO content_hub.json: Upload: /Users/ann/Desktop/photo.png: the file is not beside the collection; the string TODO replaces its content
    await this.http
      .put('/entries/:entryId/photo', {
        params: { entryId: this.entryId },
        multipart: {
          title: 'ProductName ' + this.random.int(0, 9999),
          meta: { content: '{"lang":"en"}', type: 'application/json' },
          file: { content: 'TODO', filename: 'photo.png' },
        },
        headers: { 'X-Api-Key': this.vars.apiKey ?? '' },
      })
      .check({
        uploaded: (response) => response.status === 200 && response.json().id !== undefined,
        'old style': (response) => response.status === 200,
      })
    await this.http.delete('/entries/:entryId', {
      params: { entryId: this.entryId },
      auth: { user: 'admin', password: this.vars.adminPassword ?? '' },
    })
  }
}

export default scenario({
  host: 'https://hub.example.com',
  users: [ContentHub],
})
