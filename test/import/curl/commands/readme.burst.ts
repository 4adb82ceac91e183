import { HttpUser, between, file, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async getV2Users() {
    await this.http.get('/v2/users', {
      query: { page: '1' },
      headers: { Authorization: `Bearer ${this.vars.API_TOKEN ?? ''}` },
    })
  }

  @task
  async postV2Users() {
    await this.http.post('/v2/users', {
      json: { name: 'Ann', team: this.vars.TEAM ?? 'blue', age: 31 },
      headers: { Authorization: `Bearer ${this.vars.API_TOKEN ?? ''}` },
    })
  }

  @task
  async putV2UsersAvatar() {
    await this.http.put('/v2/users/:userId/avatar', {
      params: { userId: this.vars.USER_ID ?? '' },
      body: file('avatar.txt'),
    })
  }

  @task
  async deleteV2Users() {
    await this.http.delete('/v2/users/:userId', { params: { userId: this.vars.USER_ID ?? '' } })
  }

  @task
  async getV2UsersLast() {
    await this.http.get('/v2/users/last')
  }

  @task
  async getV2UsersTodo() {
    // TODO readme.sh:12: $(date +%s): only a shell can evaluate this
    await this.http.get('/v2/users/TODO')
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Visitor],
})
