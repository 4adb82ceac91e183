import { HttpUser, between, scenario, task } from 'burst'

class Parameters extends HttpUser {
  wait = between(1, 3)

  @task
  async getFilesByNameByExt() {
    await this.http.get('/files/:name', { params: { name: `report.${this.random.pick(['pdf', 'csv'])}` } }).expect(200)
  }

  @task
  async getUsersByIdJson() {
    await this.http.get('/users/:id.json', { params: { id: 100 } }).expect(200)
  }

  @task
  async getVByVersionThingsByIds() {
    await this.http.get('/at/:version/things/:ids', { params: { version: 'v2', ids: '3,4' } }).expect(200)
  }

  @task
  async getMatrixByPoint() {
    await this.http.get('/matrix/:point', { params: { point: ';point=1' } }).expect(200)
  }

  @task
  async postJobsByJobNameCancel() {
    await this.http.post('/jobs/:jobName:cancel', { params: { jobName: 'job-name' } }).expect(200)
  }

  @task
  async getUndeclaredByThing() {
    await this.http.get('/undeclared/:thing', { params: { thing: 'thing' } }).expect(200)
  }

  @task
  async getSearch() {
    await this.http
      .get('/search', {
        query: {
          ids: [1, 2],
          fields: 'a,b',
          strange: 'a,b',
          piped: 'a|b',
          'filter[color]': 'red',
          'filter[size]': 1,
          from: '2026-01-15',
          json: '{"a":1}',
          isNew: true,
        },
        headers: { 'X-Request-Id': '3fa85f64-5717-4562-b3fc-2c963f66afa6', cookie: 'session=abc; theme=dark' },
      })
      .expect(200)
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Parameters],
})
