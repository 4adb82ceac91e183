import { HttpUser, scenario, task } from 'burst'

/** Returns the items, sorted by their keys. */
function sortedBy<T = any>(items: readonly T[], keyOf: (item: T) => any = (item) => item): T[] {
  const compare = (a: any, b: any): number => {
    if (!Array.isArray(a)) return a < b ? -1 : Number(a > b)
    return a.map((one, index) => compare(one, b[index])).find((order) => order !== 0) ?? 0
  }
  return items.toSorted((a, b) => compare(keyOf(a), keyOf(b)))
}

class Reader extends HttpUser {
  @task
  async read() {
    const ids = sortedBy<any>(await this.http.get('/ids').json())
    const latest = sortedBy<any>(await this.http.get('/ids').json()).toReversed()
    const names = ['b', 'a'].toSorted()
    const sizes = [10, 9, 1].toSorted((a, b) => a - b)
    const listed = await this.http.get('/names').json()
    const [first, last] = [sortedBy<any>(listed).at(0)!, sortedBy<any>(listed).at(-1)!]
    const lower = sortedBy(['b', 'a']).at(0)!
    const least = Math.min(...sizes)
    const most = Math.max(names.length, 3)
    await this.http.get('/items/:ids/:latest/:first/:last/:lower/:least/:most', {
      params: { ids: ids[0], latest: latest[0], first, last, lower, least, most },
      name: '/items/[path]',
    })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'https://orders.example.com',
  users: [Reader],
})
