import { HttpUser, between, scenario, task } from 'burst'

// TODO pools_queues.py:9: each worker has its own copy, so users of two workers can take the same items: USERS = queue.Queue()
const users: any[] = []
for (const number_ of Array.from({ length: 3 }).keys()) {
  users.push({ name: `user${number_}` })
}
// TODO pools_queues.py:12: each worker has its own copy, so users of two workers can take the same items: RECENT = deque(maxlen=50)
const recent: any[] = []
const hits: Record<string, any> = {}
const parts: Record<string, any> = {}

/** Adds an item at the end, and removes items at the beginning if there are too many. */
function pushLimited<T>(items: T[], item: T, most: number): void {
  items.push(item)
  while (items.length > most) items.shift()
}

/** Removes the first item of a list and returns it. Throws if the list is empty. */
function takeFirst<T = any>(items: T[]): T {
  if (items.length === 0) throw new Error('the queue is empty')
  return items.shift()!
}

class Member extends HttpUser {
  wait = between('1s', '3s')
  private account: any

  async onStart() {
    try {
      this.account = takeFirst(users)
    } catch {
      this.account = { name: 'guest' }
    }
  }

  @task
  async pages() {
    const pool: any[] = []
    for (const n of Array.from({ length: 3 }).keys()) {
      pool.push(this.http.get('/pages/:n', { params: { n } }))
    }
    await Promise.all(pool)
  }

  @task
  async jobs() {
    const jobs = Array.from({ length: 4 }, (_, i) => this.fetch(i))
    await Promise.all(jobs)
    const results: any[] = []
    for (const job of jobs) {
      results.push(await job)
    }
    const total = results.reduce((sum: any, one: any) => sum + one, 0)
    await this.http.post('/sum', { json: { total, waiting: users.length, none: users.length === 0 } })
  }

  @task
  async grouped() {
    const group: any[] = []
    await Promise.all(
      ['/a', '/b'].map((path: any) => this.http.get(path).check('status is below 400', (response) => response.ok)),
    )
    pushLimited(recent, this.account.name, 50)
    hits.grouped = (hits.grouped ?? 0) + 1
    ;(parts[this.account.name] ??= []).push(hits.grouped ?? 0)
    const oldest = recent.shift()!
    await this.sleep(0.1)
    await this.http.post('/upload', {
      multipart: { oldest, file: { content: 'text', filename: 'a.txt', type: 'text/plain' }, meta: 'x' },
    })
  }

  async onStop() {
    users.push(this.account)
  }

  private async fetch(i: any) {
    return (await this.http.get('/parts/:i', { params: { i } }).json()).id
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Member],
})
