import { HttpUser, between, scenario, task } from 'burst'

async function login(l: HttpUser) {
  await l.http.post('/login', { form: { username: 'ellen_key', password: 'education' } })
}

async function logout(l: HttpUser) {
  await l.http.post('/logout', { form: { username: 'ellen_key', password: 'education' } })
}

class WebsiteUser extends HttpUser {
  wait = between('5s', '9s')

  async onStart() {
    await login(this)
  }

  @task(2)
  async home() {
    await this.http.get('/')
  }

  @task
  async profile() {
    await this.http.get('/profile')
  }

  async onStop() {
    await logout(this)
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [WebsiteUser],
})
