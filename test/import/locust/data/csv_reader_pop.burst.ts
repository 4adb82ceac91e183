import { HttpUser, csv, pacing, scenario, task } from 'burst'

const users = csv('users.csv', ['email', 'password']).unique()

class Member extends HttpUser {
  wait = pacing('10s', { catchUp: false })
  private email = ''
  private password = ''

  async onStart() {
    const row = users.next()
    this.email = row.email
    this.password = row.password
    await this.http.post('/login', { json: { email: this.email, password: this.password } })
  }

  @task
  async inbox() {
    const body = await this.http.get('/inbox').json()
    for (const message of body.messages.slice(0, 3)) {
      await this.http.get('/inbox/:id', { params: { id: message.id } })
    }
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Member],
})
