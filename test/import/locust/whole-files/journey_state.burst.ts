import { HttpUser, between, scenario, task } from 'burst'

const role = {
  ADMIN: 'admin',
  GUEST: 'guest',
}
const paths = {
  LOGIN: '/login',
  ITEMS: '/items',
}

function slug(length = 6): string {
  return sampleOf('abcdefghijklmnopqrstuvwxyz', length).join('')
}

/** Returns the quotient as a whole number, and the remainder. */
function dividedBy(number: number, by: number): [quotient: number, rest: number] {
  return [Math.floor(number / by), number - Math.floor(number / by) * by]
}

/** Draws the given number of different items, in random order. */
function sampleOf<T = any>(items: Iterable<T>, count: number): T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    return left.splice(Math.floor(Math.random() * left.length), 1)[0]!
  })
}

/** Puts the items into random order, in place. */
function shuffleInPlace(items: unknown[]): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[items[last], items[other]] = [items[other], items[last]]
  }
}

class Visitor extends HttpUser {
  wait = between('500ms', '1s')
  private itemIds: any[] = []
  private role: any
  private slug = ''
  private visited: any

  @task
  async journey() {
    await this.startJourney()
    await this.login()
    await this.sleep(0.5 + this.random.next() * 0.5)
    await this.items()
    await this.sleep(0.5 + this.random.next() * 0.5)
    await this.item()
    await this.sleep(0.5 + this.random.next() * 0.5)
    await this.item()
    await this.sleep(0.5 + this.random.next() * 0.5)
    await this.rate()
    await this.sleep(0.5 + this.random.next() * 0.5)
    await this.logout()
  }

  private async startJourney() {
    this.role = role.GUEST
    this.slug = slug()
    this.visited = new Set<any>()
  }

  private async login() {
    const text = await this.http.get(paths.LOGIN).text()
    const token = text.split('name="csrf_token" value="')[1]!.split('"')[0]!
    await this.http.post(paths.LOGIN, { form: { csrf_token: token, user: this.slug, role: this.role } })
  }

  private async items() {
    const body = await this.http.get(paths.ITEMS).json()
    this.itemIds = body.filter((item: any) => !this.visited.has(item.id)).map((item: any) => item.id)
    shuffleInPlace(this.itemIds)
  }

  private async item() {
    if (this.itemIds.length === 0) return
    const itemId = this.itemIds[this.itemIds.length - 1]
    this.visited.add(itemId)
    await this.http.get('/items/:itemId', {
      params: { itemId },
      query: { lang: this.role === role.GUEST ? 'en' : 'de' },
    })
  }

  private async rate() {
    const [stars] = dividedBy(this.random.int(10, 50), 10)
    await this.http.post('/items/:id/rating', {
      params: { id: this.itemIds.length > 0 ? this.itemIds[0] : 1 },
      json: { stars },
    })
  }

  private async logout() {
    await this.http.delete('/session')
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Visitor],
})
