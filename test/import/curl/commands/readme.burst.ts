import { HttpUser, between, file, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async getV2Users() {
    // TODO readme.sh:7: $API_TOKEN: set it with --var API_TOKEN=… (line 4 assigns it)
    await this.http.get('/v2/users', {
      query: { page: '1' },
      headers: { Authorization: `Bearer ${this.vars.API_TOKEN ?? ''}` },
    })
  }

  @task
  async postV2Users() {
    // TODO readme.sh:8: $API_TOKEN: set it with --var API_TOKEN=… (line 4 assigns it)
    await this.http.post('/v2/users', {
      json: { name: 'Ann', team: this.vars.TEAM ?? 'blue', age: 31 },
      headers: { Authorization: `Bearer ${this.vars.API_TOKEN ?? ''}` },
    })
  }

  @task
  async putV2UsersAvatar() {
    // TODO readme.sh:9: $USER_ID: set it with --var USER_ID=…
    await this.http.put('/v2/users/:userId/avatar', {
      params: { userId: this.vars.USER_ID ?? '' },
      body: file('avatar.txt'),
    })
  }

  @task
  async deleteV2Users() {
    // TODO readme.sh:10: $USER_ID: set it with --var USER_ID=…
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
