import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  async onStart() {
    // TODO versions.har: entry 1: X-Api-Key: set the secret with --var x_api_key=…
    this.http.headers.set('X-Api-Key', this.vars.x_api_key ?? '')
  }

  /** Recorded as visit. */
  @task
  async visit() {
    const eTag = await this.http.get('/api/documents/7').header('etag')
    await this.sleep(2)
    const response = await this.http
      .put('/api/documents/7', { json: { title: 'Plan A' }, headers: { 'If-Match': eTag } })
      .expect((found) => found.ok)
    const eTag2 = response.headers.get('etag') ?? ''
    const lastModified = response.headers.get('last-modified') ?? ''
    await this.sleep(2)
    await this.http.put('/api/documents/7', { json: { title: 'Plan B' }, headers: { 'If-Match': eTag2 } })
    await this.sleep(2)
    await this.http.put('/api/documents/8', { json: { title: 'New' }, headers: { 'If-None-Match': '*' } })
    await this.sleep(2)
    // TODO versions.har: entry 5: If-Match: the header is left out, because no earlier response contains its value
    await this.http.patch('/api/documents/9', { json: { title: 'Old' } })
    await this.sleep(2)
    await this.http.delete('/api/documents/7', { headers: { 'If-Unmodified-Since': lastModified } })
    await this.sleep(2)
    await this.http.get('/api/documents')
    await this.sleep(2)
    await this.http.get('/api/documents')
    await this.sleep(2)
    const eTag3 = await this.http.get('/manual.pdf').header('etag')
    await this.sleep(2)
    await this.http.get('/manual.pdf', { headers: { Range: 'bytes=65536-131071' } })
    await this.sleep(2)
    await this.http.get('/manual.pdf', { headers: { Range: 'bytes=131072-196607', 'If-Match': eTag3 } })
    await this.sleep(2)
    // TODO versions.har: entry 12: If-Unmodified-Since: the header is left out, because no earlier response contains its value
    await this.http.get('/guide.pdf', { headers: { Range: 'bytes=65536-131071' } })
  }
}

export default scenario({
  host: 'https://docs.example.com',
  users: [Visitor],
})
