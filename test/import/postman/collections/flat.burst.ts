import { HttpUser, between, scenario, task } from 'burst'

class Notes extends HttpUser {
  wait = between(1, 3)

  @task
  async home() {
    await this.http.get('/')
  }

  @task
  async search() {
    await this.http.get('/search', { query: { q: 'a b' } })
  }

  @task
  async user() {
    await this.http.get('/users/7/posts/:post', { params: { post: this.vars.post ?? '' } })
  }

  @task
  async text() {
    await this.http.get('/plain')
  }
}

export default scenario({
  host: 'https://notes.example.com',
  users: [Notes],
})
