import { HttpUser, type Random, scenario, task } from 'burst'

/** Draws one of the names. The probability of a name is in proportion to its weight. */
function drawWeighted<Name extends string>(random: Random, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[]
  let left = random.next() * names.reduce((sum, name) => sum + weights[name], 0)
  return names.find((name) => (left -= weights[name]) < 0) ?? names[0]!
}

abstract class FastClient extends HttpUser {
  // TODO nested_weights.py:29: write timeout at the requests: network_timeout = 20.0
  // TODO nested_weights.py:28: the timeout of a request in burst includes the time to connect: connection_timeout = 10.0
}

class Reader extends FastClient {
  static weight = 3
  wait = () => 0.2 + this.random.next() * 0.2
  private chapter = 0
  private inReadDocs = false

  @task
  async idle() {
    await this.http.get('/ping', { timeout: 20 })
  }

  /** Repeats tasks until the user leaves the TaskSet ReadDocs. */
  @task(3)
  async readDocs() {
    this.inReadDocs = true
    await this.startReadDocs()
    while (this.inReadDocs) {
      await this[drawWeighted(this.random, { nextPage: 5, stopTask: 1 })]()
      await this.sleep(0.1 + this.random.next() * 0.2)
    }
  }

  private async startReadDocs() {
    this.chapter = 1
  }

  async nextPage() {
    this.chapter += 1
    await this.http.get('/docs/:chapter', { params: { chapter: this.chapter }, timeout: 20 })
  }

  async stopTask() {
    this.inReadDocs = false
  }
}

class Editor extends FastClient {
  wait = () => {
    this.pause = (this.pause ?? 0) + 0.1
    return Math.min(this.pause, 1)
  }
  private pause: any
  private title = ''
  private draftId: any

  @task(2, { tags: ['write'] })
  async drafts() {
    await this.startDrafts()
    await this.create()
    await this.publish()
  }

  @task(1, { tags: ['read', 'fast'] })
  async home() {
    await this.http.get('/', { headers: { Accept: 'text/html' }, timeout: 20 })
  }

  private async startDrafts() {
    this.title = this.random.pick(['a', 'b', 'c'])
  }

  private async create() {
    this.draftId = (await this.http.post('/drafts', { json: { title: this.title }, timeout: 20 }).json()).id
  }

  private async publish() {
    await this.http.post('/drafts/:draftId/publish', { params: { draftId: this.draftId }, json: {}, timeout: 20 })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Reader, Editor],
  tls: { insecure: true },
})
