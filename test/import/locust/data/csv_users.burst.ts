import { HttpUser, between, csv, scenario, task } from 'burst'

const userCredentials = csv('users.csv', ['email', 'password']).random()

class CsvUser extends HttpUser {
  wait = between('1s', '2s')
  private email = ''

  async onStart() {
    const user = userCredentials.next()
    this.email = user.email
    await this.http.post('/login', { form: { email: user.email, password: user.password } })
  }

  @task
  async me() {
    await this.http.get('/me', { query: { email: this.email } })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [CsvUser],
})
