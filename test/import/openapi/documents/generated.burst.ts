import { HttpUser, between, scenario, task } from 'burst'

class Users extends HttpUser {
  wait = between(1, 3)

  /** Create User */
  @task
  async createUserUsersPost() {
    await this.http
      .post('/users/', { json: { email: 'user@example.com', full_name: 'full name', age: 1, role: 'member' } })
      .expect(201)
  }

  /** Read User */
  @task
  async readUserUsersUserIdGet() {
    await this.http.get('/users/:user_id', { params: { user_id: 1 }, query: { skip: 0 } }).expect(200)
  }
}

class FastApi extends HttpUser {
  wait = between(1, 3)

  /** Login */
  @task
  async loginTokenPost() {
    await this.http
      .post('/token', { form: { grant_type: 'password', username: 'username', password: 'password' } })
      .expect(200)
  }
}

// TODO generated.json: the document does not name a host; set the host with -H https://…
export default scenario({
  users: [Users, FastApi],
})
