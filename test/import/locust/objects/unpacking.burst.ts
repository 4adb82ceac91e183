import { HttpUser, between, scenario, task } from 'burst'

const hosts = ['a', 'b', 'c']
const weights = [5, 3, 2]
const rows: [number, number, number][] = [
  [1, 2, 3],
  [4, 5, 6],
]
// TODO unpacking.py:6: PAYLOAD = load_payload()
const timeLimit = 600

class Unpacker extends HttpUser {
  wait = between('1s', '4s')

  @task
  async loops() {
    for (const [name, index] of hosts.slice(0, hosts.length).map((one, index) => [one, index] as const)) {
      await this.http.get('/warm/:name/:index', { params: { name, index } })
    }
    for (const row of rows) {
      const last = row.at(-1)!
      await this.http.get('/last/:last', { params: { last } })
    }
    for (const [i, [name, weight]] of hosts
      .map((one, index) => [one, weights[index]!] as const)
      .map((one, index) => [index + 1, one] as const)) {
      await this.http.get('/weighted/:i/:name/:weight', { params: { i, name, weight }, name: '/weighted' })
    }
    const flat = rows.flatMap((row2) => row2)
    const first = flat[0]
    const middle = flat.slice(1, -1)
    const end = flat.at(-1)!
    // TODO unpacking.py:23: PAYLOAD
    await this.http.post('/flat', { json: { first, count: middle.length, end } })
  }
}

export default scenario({
  users: [Unpacker],
  load: (second) => {
    // TODO unpacking.py:31: self.runner.user_count > 50
    if (second > timeLimit) return null
    return Math.floor(second / 30) * 10
  },
})
