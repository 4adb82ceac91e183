import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, type Response, hold, ramp, scenario, task } from 'burst'

const users = JSON.parse(readFileSync(join(import.meta.dirname, 'users.json'), 'utf8'))

function pageUrl(page: any, size: any = 10) {
  return '/topics?page=' + page + '&size=' + size
}

/** Returns the text between two strings; empty if one of the strings does not occur. */
function betweenTexts(text: string, left: string, right: string): string {
  const start = text.indexOf(left)
  const end = start === -1 ? -1 : text.indexOf(right, start + left.length)
  return end === -1 ? '' : text.slice(start + left.length, end)
}

/** Records each check as a sample, because the checks do not belong to a request. Returns true if all checks hold. */
function checkAll<T>(user: HttpUser, value: T, checks: Readonly<Record<string, (value: T) => boolean>>): boolean {
  const results = Object.entries(checks).map(([name, holds]) => ({ name, isHeld: holds(value) }))
  for (const { name, isHeld } of results) {
    user.record({ method: 'CHECK', name, ms: 0, error: isHeld ? null : 'does not hold' })
  }
  return results.every(({ isHeld }) => isHeld)
}

/** Returns a string of random characters. burst seeds Math.random inside a user. */
function randomText(length: number, characters = 'abcdefghijklmnopqrstuvwxyz'): string {
  return Array.from({ length }, () => characters[Math.floor(Math.random() * characters.length)]).join('')
}

class Visitor extends HttpUser {
  iteration = -1
  attempts = 0

  @task
  async each() {
    this.iteration++
    const user = users[(this.index + 1 - 1) % users.length]
    const csrf = betweenTexts(await this.http.get('/form').text(), 'name="csrf_token" value="', '"')

    let tries = 0
    let res!: Response
    while (true) {
      res = await this.http.post('/login', { form: { csrf_token: csrf, user: user.name, nonce: randomText(8) } })
      tries++
      if (!(res.status !== 200 && tries < 3)) break
    }

    for (let i = 0; i < 3; i++) {
      const list = await this.http.get(pageUrl(i)).check('status is below 400', (response) => response.ok)
      if (list.status === 404) break
      const topics = list.json().items
      switch (topics.length) {
        case 0:
          await this.sleep(1)
          break
        default:
          this.attempts += 1
      }
    }

    try {
      const last = await this.http.get('/topics/:attempts', { params: { attempts: this.attempts } }).json()
      checkAll(this, last, { 'has a name': (topic) => topic.name !== undefined })
    } catch (e: any) {
      console.error('not JSON: ' + e.message)
    }

    const responses = await Promise.all([
      this.http
        .get('/')
        .check(
          'home is HTML',
          (r) => r.headers.get('content-type') !== null && (r.headers.get('content-type') ?? '').includes('json'),
        ),
      this.http.get('/hot', { headers: { 'X-Kind': 'hot' } }).check('hot: ok', (r) => r.status === 200),
    ]).then(([response1, response2]) => ({ home: response1, hot: response2 }))

    await this.step('last', async () => {
      const results = await Promise.all(
        ['a', 'b'].map((t) =>
          this.http.get('/tags/:t', { params: { t } }).check('status is below 400', (response) => response.ok),
        ),
      )
      const slow = results.filter((r) => r.latencyMs > 1000)
      if (slow.length > 0) console.warn(`${slow.length} slow`)
      if (results[1]!.json().count === 0 || responses.hot.latencyMs > 500) console.warn('no tags')
      await Promise.all([this.http.get('/ping'), this.http.get('/pong')])
      const both = await Promise.all([this.http.get('/one'), this.http.get('/two')]).then(([response1, response2]) => ({
        one: response1,
        two: response2,
      }))
      if (both.one.status !== 200 || both.two.status !== 200) console.warn('not ready')
      const [first, last] = await Promise.all([
        this.http.get('/topics/1').check('status is below 400', (response) => response.ok),
        this.http.get('/topics/2').check('status is below 400', (response) => response.ok),
      ])
      if (first.json().id === last.json().id && responses.home.headers.get('x-kind') === 'hot')
        console.log(results.length)
      const tags = results.map((item) => item.json().tag)
      results.forEach((item, index) => console.log(index, item.headers.get('x-kind') ?? '', tags.length))
      for (const one of results) {
        if (!one.json().tag) console.error(one.status)
      }
    })
    await this.sleep(this.iteration % 2 === 0 ? 1 : 2)
  }
}

// TODO flow.js:11: pass --iterations 2 to burst run; the number applies to each user: each: { executor: 'per-vu-iterations', vus: 5, iterations: 2, maxDuration: …
export default scenario({
  host: 'https://forum.example.com',
  users: [Visitor],
  load: [ramp(5, '0s'), hold('2m')],
})
