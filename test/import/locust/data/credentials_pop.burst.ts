import { HttpUser, between, scenario, task } from 'burst'

// TODO credentials_pop.py:4: each worker has its own copy, so users of two workers can take the same items: USER_CREDENTIALS = [ ("user1", "password1"), ("user2"…
const userCredentials: [string, string][] = [
  ['user1', 'password1'],
  ['user2', 'password2'],
  ['user3', 'password3'],
]

class LoginWithUniqueUsersTest extends HttpUser {
  wait = between('1s', '2s')
  private counter = 0
  private email = 'NOT_FOUND'
  private password = 'NOT_FOUND'

  async onStart() {
    this.counter = 0
    if (userCredentials.length > 0) {
      ;[this.email, this.password] = userCredentials.pop()!
    }
  }

  @task
  async login() {
    await this.http.post('/login', { form: { email: this.email, password: this.password } })
    console.log(`Login with ${this.email} email and ${this.password} password`)
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'https://blazedemo.com',
  users: [LoginWithUniqueUsersTest],
})
