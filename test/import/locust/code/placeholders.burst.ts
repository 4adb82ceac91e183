import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, pacing, scenario, task } from 'burst'

// TODO placeholders.py:8: each worker has its own copy, so users of two workers can take the same items: Q = queue.Queue()
const q: any[] = []
for (const i of Array.from({ length: 10 }).keys()) {
  q.push({ id: i })
}
const stages = [
  { duration: 10, users: 5, spawn_rate: 5 },
  { duration: 20, users: 10, spawn_rate: 5 },
]

/** Removes the first item of a list and returns it. Throws if the list is empty. */
function takeFirst<T = any>(items: T[]): T {
  if (items.length === 0) throw new Error('the queue is empty')
  return items.shift()!
}

class W extends HttpUser {
  wait = pacing('5s', { catchUp: false })

  @task
  async q() {
    let d: any
    d = takeFirst(q)
    await this.http.get('/q/:id', { params: { id: d.id } })
    q.push(d)
  }

  @task
  async words() {
    let words: any
    words = readFileSync(join(import.meta.dirname, 'words.txt'), 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line.trim())
      .map((line) => line.trim())
    const w = words?.length ? words[0] : 'none'
    const [a, ...rest] = w.split('-')
    let y = 1
    let x = 1
    ;[x, y] = [y, x]
    await this.http.get('/w', {
      query: [
        ['a', a],
        ['b', y],
      ],
    })
    const s = new Set([...new Set([1, 2]), ...new Set([3])])
    const z = x ? 5 : null
    const n = z != null && rest.length > 0 ? 'yes' : 'no'
    await this.http.get('/n/:n/:x/:id', { params: { n, x: String(x).padStart(3, '0'), id: (x / 3).toFixed(2) } })
    // TODO placeholders.py:60: this header replaces the cookies that servers have set: {"s": "1"}
    await this.http.get('/x', { headers: { ...{ a: 'b' }, c: 'd', cookie: 's=1' } })
  }
}

export default scenario({
  host: 'http://localhost:8080',
  users: [W],
  load: (second) => {
    for (const s of stages) {
      if (second < s.duration) {
        try {
          return s.users
        } catch {
          return s.users
        }
      }
    }
    return null
  },
})
