import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, between, csv, scenario, task } from 'burst'

const terms = JSON.parse(readFileSync(join(import.meta.dirname, 'terms.json'), 'utf8'))
const other = JSON.parse(readFileSync(join(import.meta.dirname, 'terms.json'), 'utf8'))
const fourth = JSON.parse(readFileSync(join(import.meta.dirname, 'terms.json'), 'utf8'))
const fifth = readFileSync(join(import.meta.dirname, 'terms.json'), 'utf8').split('\n')
const third = JSON.parse(readFileSync(join(import.meta.dirname, 'terms.json'), 'utf8'))
const accounts = rowsOf('users.csv')
const buyers = csv('users.csv', ['email', 'password']).random()
// TODO paths_queue.py:24: each worker has its own copy, so users of two workers can take the same items: accounts = queue.Queue()
const accounts2: any[] = []
for (const account of accounts) {
  accounts2.push(account)
}
console.log(`${accounts.length} accounts`)

/** Returns the rows of a CSV file in which no value is in quotes. The first line of the file names the columns. */
function rowsOf(file: string): Record<string, any>[] {
  const [columns = [], ...rows] = readFileSync(join(import.meta.dirname, file), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])))
}

/** Removes the first item of a list and returns it. Throws if the list is empty. */
function takeFirst<T = any>(items: T[]): T {
  if (items.length === 0) throw new Error('the queue is empty')
  return items.shift()!
}

class U extends HttpUser {
  wait = between('1s', '2s')
  private account: any

  async onStart() {
    try {
      this.account = takeFirst(accounts2)
    } catch {
      this.account = this.random.pick(accounts)
    }
    await this.http.post('/login', { json: { email: this.account.email } })
  }

  @task
  async search() {
    await this.http.get('/search', { query: { q: this.random.pick<any>(terms) } })
    await this.http.get('/search', { query: { q: this.random.pick<any>(other) } })
    await this.http.get('/search', { query: { q: this.random.pick<any>(third) } })
    await this.http.get('/search', { query: { q: this.random.pick<any>(fourth) } })
    await this.http.get('/search', { query: { q: this.random.pick(fifth) } })
    await this.http.post('/buy', { json: { email: buyers.next().email } })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [U],
})
