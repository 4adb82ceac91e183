import { HttpUser, type Random, between, scenario, task } from 'burst'

/** Draws one of the names. The probability of a name is in proportion to its weight. */
function drawWeighted<Name extends string>(random: Random, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[]
  let left = random.next() * names.reduce((sum, name) => sum + weights[name], 0)
  return names.find((name) => (left -= weights[name]) < 0) ?? names[0]!
}

class LoggedInUser extends HttpUser {
  wait = between('100ms', '200ms')
  private inForumSection = false
  private inAccount = false

  /** Repeats tasks until the user leaves the TaskSet ForumSection. */
  @task(2)
  async forumSection() {
    this.inForumSection = true
    while (this.inForumSection) {
      await this[drawWeighted(this.random, { viewThread: 10, createThread: 1, stopTask: 1 })]()
      await this.sleep(0.05 + this.random.next() * 0.05)
    }
  }

  @task
  async myTask() {
    await this.http.get('/about/')
  }

  /** Repeats tasks until the user leaves the TaskSet Account. */
  @task(3)
  async account() {
    this.inAccount = true
    await this.startAccount()
    while (this.inAccount) {
      await this[drawWeighted(this.random, { settings: 2, leave: 1 })]()
      await this.sleep(0.1 + this.random.next() * 0.1)
    }
  }

  async viewThread() {
    const thread = this.random.int(1, 200)
    await this.http.get('/forum/thread/:id', { params: { id: thread } })
  }

  async createThread() {
    await this.http.post('/forum/thread', { json: { title: 'Hello', body: 'World '.repeat(20) } })
  }

  async stopTask() {
    this.inForumSection = false
  }

  private async startAccount() {
    await this.http.get('/account')
  }

  async settings() {
    await this.http.get('/account/settings')
  }

  async leave() {
    await this.http.get('/account/bye')
    this.inAccount = false
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [LoggedInUser],
})
