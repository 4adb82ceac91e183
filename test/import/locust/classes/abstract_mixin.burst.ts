import { HttpUser, between, scenario, task } from 'burst'

abstract class LoginMixin extends HttpUser {
  username = 'guest'
  token = ''

  async login() {
    this.token = (
      await this.http
        .post('/auth/token', { form: { username: this.username, password: 'x' } })
        .expect((response) => response.ok)
        .json()
    ).access_token
  }

  authHeader() {
    return { Authorization: `Bearer ${this.token}` }
  }
}

abstract class BaseUser extends LoginMixin {
  wait = between('1s', '3s')

  async onStart() {
    await this.login()
  }

  @task
  async home() {
    await this.http.get('/home', { headers: this.authHeader() })
  }
}

class Reader extends BaseUser {
  static weight = 3
  username = 'reader'

  @task(5)
  async read() {
    await this.http.get('/articles/:id', { params: { id: this.random.int(1, 100) }, headers: this.authHeader() })
  }
}

class Writer extends BaseUser {
  username = 'writer'
  private drafts: any[] = []

  async onStart() {
    await super.onStart()
    this.drafts = []
  }

  @task(2)
  async write() {
    const body = await this.http
      .post('/articles', { json: { title: 'T', tags: ['a', 'b'] }, headers: this.authHeader() })
      .expect((response) => response.ok)
      .json()
    this.drafts.push(body.id)
  }

  @task
  async publish() {
    if (this.drafts.length === 0) return
    const draft = this.drafts.pop()!
    await this.http.post('/articles/:draft/publish', { params: { draft }, headers: this.authHeader() })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Reader, Writer],
})
