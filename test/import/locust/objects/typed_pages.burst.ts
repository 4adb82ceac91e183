import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Http, HttpUser, pacing, scenario, task } from 'burst'

function credentials(username: any, password: any, roles: any = []) {
  return { username, password, roles }
}

const credentials2 = inTurn(loadCredentials())

/** The endpoints of the service. */
class ApiClient {
  client: Http
  tenant: any

  constructor(client: Http, tenant: any) {
    this.client = client
    this.tenant = tenant
  }

  url(...parts: any[]) {
    return ['', this.tenant, ...parts.map(String)].join('/')
  }

  async listTickets(page = 1, size = 25, filters: Record<string, any> = {}) {
    const body = await this.client
      .get(this.url('tickets'), { query: { page, size, ...filters }, name: '/[tenant]/tickets' })
      .expect((response) => {
        if (response.json() == null) throw new Error('no JSON')
      })
      .json()
    return body.items ?? []
  }

  async comment(ticket: number, text: string) {
    await this.client.post(this.url('tickets', ticket, 'comments'), {
      json: { text },
      name: '/[tenant]/tickets/[id]/comments',
    })
  }
}

function loadCredentials() {
  return rowsOf('users.csv').map((row) => credentials(row.username, row.password))
}

function credentialsIsAdmin(self: any): boolean {
  return isIn('admin', self.roles)
}

/** Returns the items one after another, and starts over at the end. */
function inTurn<T = any>(items: readonly T[]): () => T {
  let next = 0
  return () => items[next++ % items.length]!
}

/** Returns true if a list or a text contains a value, or if an object has a key. */
function isIn(value: any, of: any): boolean {
  return Array.isArray(of) || typeof of === 'string' ? of.includes(value) : value in of
}

/** Returns the rows of a CSV file in which no value is in quotes. The first line of the file names the columns. */
function rowsOf(file: string): Record<string, any>[] {
  const [columns = [], ...rows] = readFileSync(join(import.meta.dirname, file), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])))
}

class Agent extends HttpUser {
  wait = pacing('3s', { catchUp: false })
  private credentials: any
  private api: any
  private pageSize = 0

  async onStart() {
    const options = this.vars
    this.credentials = credentials2()
    this.api = new ApiClient(this.http, this.vars.tenant ?? 'acme')
    this.pageSize = Number(this.vars.page_size ?? 25)
    await this.http.post('/login', { json: { user: this.credentials.username, password: this.credentials.password } })
  }

  @task(5, { tags: ['read'] })
  async triage() {
    const tickets = await this.api.listTickets(undefined, this.pageSize, { state: 'open' })
    for (const ticket of tickets.slice(0, 3)) {
      if (ticket.tag === 'new' && !credentialsIsAdmin(this.credentials)) {
        // TODO typed_pages.py:87: the format !r is not translated: f"Hello from {self.credentials.username!r}"
        await this.api.comment(ticket.id, 'TODO')
      }
    }
  }

  @task(1, { tags: ['write'] })
  async create() {
    await this.http
      .post(this.api.url('tickets'), { json: { title: this.random.pick(['Printer', 'VPN']), priority: 1 } })
      .expect((response) => !(response.json() && response.json().status !== 'done'))
  }

  // TODO typed_pages.py:72: the timeout of a request in burst includes the time to connect: connection_timeout = 10.0
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Agent],
  beforeRun: async () => {
    // TODO typed_pages.py:44: requests.get(f"{environment.host}/health", timeout=5)
  },
})
