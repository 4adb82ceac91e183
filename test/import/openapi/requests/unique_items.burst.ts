import { HttpUser, between, scenario, task } from 'burst'

class Teams extends HttpUser {
  wait = between(1, 3)

  @task
  async createTeam() {
    await this.http
      .post('/teams', {
        json: {
          members: [
            { active: true, name: 'name' },
            { active: false, name: 'name' },
          ],
          ids: [
            '3fa85f64-5717-4562-b3fc-2c963f66afa6',
            '3fa85f64-5717-4562-b3fc-2c963f66afa7',
            '3fa85f64-5717-4562-b3fc-2c963f66afa8',
          ],
          days: ['2026-01-15', '2026-01-16'],
          sizes: [10, 15, 20],
          codes: ['AA-111', 'AA-112'],
          roles: ['owner', 'editor'],
          mails: ['user@example.com', 'user2@example.com'],
          labels: ['labels', 'labels'],
          ranks: ['silver', 'gold', 'bronze'],
          visits: ['2026-01-15T09:30+02:00', '2026-01-16T09:30+02:00'],
          share: 0.025,
          score: 7,
        },
      })
      .expect(201)
  }

  @task
  async findTeams() {
    await this.http.get('/teams/search', { query: { label: ['label', 'label2'] } }).expect(200)
  }
}

export default scenario({
  host: 'https://teams.example.com',
  users: [Teams],
})
