import { expect, test } from 'vitest'
import { startUserTarget } from '../../../../targets/user-target.ts'
import { runSlice } from '../../slice-run.ts'

const scenario = (host: string, tls: string, more: string): string => `
import { HttpUser, arrivals, constant, csv, scenario } from 'burst'
const names = csv('names.csv', ['name'])
const [unique, next] = [names.unique(), names.sequential()]
class U extends HttpUser {
  wait = constant('40ms')
  steps = 0
  tasks = { go: 1 }
  async onStart() {
    this.http.headers.set('x-user', String(this.index))
    ${tls}
    await this.http.post('/login', { json: { row: unique.next().name } })
  }
  async go() { await this.http.get('/go', { query: { step: ++this.steps, next: next.next().name } }) }
}
export default scenario({ host: '${host}', users: [U]${more} })`

const names = `name\n${Array.from({ length: 2_000 }, (_, k) => `n${k}`).join('\n')}\n`
const shared = ", connections: 'shared'"

test.concurrent.for([
  ['users that share connections', '', shared],
  ['users with separate TLS settings', 'this.http.tls = { insecure: true }', ''],
  ['pooled users that share connections', '', `${shared}, load: [arrivals(60, '10m', { maxUsers: 3 })]`],
] as const)('%s continue in the next worker with their whole state', async ([, tls, more]) => {
  const target = await startUserTarget()
  try {
    const { window } = await runSlice({
      host: target.origin,
      scenario: scenario(target.origin, tls, more),
      files: { 'names.csv': names },
      options: more.includes('arrivals') ? {} : { users: 3, runTimeMs: 600_000 },
      plan: (plan) => ({
        ...plan,
        windowMs: 1_000,
        flushMs: 1_000,
        // The drain time is long, because on a busy machine the delay with which workers begin grows from turn to turn.
        timing: { ...plan.timing, drainMs: 60_000 },
        handOver: { intervalMs: 1_000, aheadMs: 1_000, waitMs: 60_000 },
      }),
      attempts: 'until stopped',
      during: async ({ stop, counted }) => {
        await expect.poll(() => counted().users.carried, { timeout: 120_000 }).toBeGreaterThanOrEqual(4)
        await stop()
      },
    })
    expect([...window.exceptions.keys()]).toEqual([])
    expect([target.byUser.size, window.users.begunAnew]).toEqual([3, 0])
    for (const [user, requests] of target.byUser) {
      const [login, ...steps] = requests.map(({ line }) => line)
      expect(login).toMatch(/^POST \/login \{"row":"n\d+"\} -$/)
      const first = Number(/next=n(\d+)/.exec(steps[0] ?? '')?.[1])
      // A pooled user takes the data rows of the arrivals that the user serves. These rows need not be consecutive, so the test accepts any row.
      const rowOf = (k: number): string =>
        more.includes('arrivals') ? (/(?<=next=)n\d+/.exec(steps[k] ?? '')?.[0] ?? '') : `n${first + k}`
      expect(steps).toEqual(steps.map((_, k) => `GET /go?step=${k + 1}&next=${rowOf(k)}  sid=${user}`))
    }
  } finally {
    await target.close()
  }
})

test('while users finish an iteration in the previous worker, they already count towards maxUsers in the next worker', async () => {
  const target = await startUserTarget()
  try {
    const { window } = await runSlice({
      host: target.origin,
      scenario: `import { HttpUser, arrivals, scenario } from 'burst'
class U extends HttpUser {
  tasks = { go: 1 }
  async go() { await this.http.get('/slow', { headers: { 'x-user': String(this.index) } }) }
}
export default scenario({ host: '${target.origin}', users: [U], load: [arrivals(60, '10m', { maxUsers: 3 })] })`,
      plan: (plan) => ({
        ...plan,
        windowMs: 1_000,
        flushMs: 1_000,
        timing: { ...plan.timing, drainMs: 60_000 },
        handOver: { intervalMs: 1_000, aheadMs: 1_000, waitMs: 60_000 },
      }),
      attempts: 'until stopped',
      during: async ({ stop, counted }) => {
        await expect.poll(() => counted().users.carried, { timeout: 120_000 }).toBeGreaterThanOrEqual(6)
        await stop()
      },
    })
    expect(window.users.carried).toBeGreaterThanOrEqual(6)
    expect([...target.byUser.keys()].toSorted()).toEqual(['0', '1', '2'])
  } finally {
    await target.close()
  }
})
