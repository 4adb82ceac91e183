import { HttpUser, between, scenario, task } from 'burst'

const stages: [number, number, number][] = [
  [4, 4, 2],
  [10, 8, 2],
]

class U extends HttpUser {
  wait = between('1s', '2s')

  @task
  async a() {
    await this.http.get('/')
  }
}

export default scenario({
  users: [U],
  load: (second) => {
    let t = second
    for (const [d, users] of stages) {
      if (t < d) return users
      t -= d
    }
    return null
  },
})
