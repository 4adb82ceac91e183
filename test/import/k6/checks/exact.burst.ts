import { HttpUser, scenario, task } from 'burst'

/** Records each check as a sample, because the checks do not belong to a request. Returns true if all checks hold. */
function checkAll<T>(user: HttpUser, value: T, checks: Readonly<Record<string, (value: T) => boolean>>): boolean {
  const results = Object.entries(checks).map(([name, holds]) => ({ name, isHeld: holds(value) }))
  for (const { name, isHeld } of results) {
    user.record({ method: 'CHECK', name, ms: 0, error: isHeld ? null : 'does not hold' })
  }
  return results.every(({ isHeld }) => isHeld)
}

/** Returns a timeout in seconds, or with its unit. In k6, a timeout without a unit is in milliseconds. */
function secondsIn(timeout: any): any {
  return /^\d+(\.\d+)?$/.test(String(timeout)) ? Number(timeout) / 1000 : timeout
}

class Visitor extends HttpUser {
  @task
  async visit() {
    await this.http.get('/constant', { headers: { 'X-Kind': 'exact' }, timeout: 5 })
    await this.http.get('/variable', { timeout: secondsIn(this.vars.TIMEOUT || '10s') })
    const first = await this.http.get('/first').check('status is below 400', (response) => response.ok)
    const both = [(await this.http.get('/second').json()).id, first.json().id]
    console.log(both.length)
    const responses = await Promise.all([
      this.http.get('/a').check('status is below 400', (response) => response.ok),
      this.http.get('/b').check('b is there', (r) => r.status === 200),
    ])
    checkAll(this, responses[0]!, { 'a is there': () => responses[0]!.status === 200 })
    checkAll(this, responses.length, { 'two responses': (count) => count === 2 })
  }
}

export default scenario({
  host: 'https://api.example.com',
  users: [Visitor],
})
