import { expect, test } from 'vitest'
import { startUserTarget } from '../../../../targets/user-target.ts'
import { type SliceRunResult, runSlice } from '../../slice-run.ts'

/** Runs two users of a class in three workers, one after the other. */
async function handedOver(members: string): Promise<SliceRunResult & { lines: string[] }> {
  const target = await startUserTarget()
  try {
    const result = await runSlice({
      host: target.origin,
      scenario: `
import { HttpUser, constant, scenario } from 'burst'
class U extends HttpUser {
  wait = constant('40ms')
  ${members}
}
export default scenario({ host: '${target.origin}', users: [U] })`,
      options: { users: 2, runTimeMs: 6_000 },
      plan: (plan) => ({
        ...plan,
        windowMs: 1_000,
        flushMs: 1_000,
        handOver: { intervalMs: 2_000, aheadMs: 2_000, waitMs: 5_000 },
      }),
      attempts: 3,
    })
    const lines = [...target.byUser.values()].flat().map(({ line }) => line)
    return { ...result, lines }
  } finally {
    await target.close()
  }
}

test.concurrent.for([
  [
    'a field that is a revoked proxy',
    'field: unknown; async onStart() { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); this.field = proxy }',
    'the field field holds a proxy',
  ],
  [
    'a field whose getter `constructor` throws',
    "field: unknown; async onStart() { this.field = { get constructor() { throw new Error('no') }, f: () => 1 } }",
    'the state of a user cannot be read: Error: no',
  ],
  [
    'a static getter `handOver` that throws after the start',
    "static started = false; static get handOver() { if (U.started) throw new Error('no'); return true } async onStart() { U.started = true }",
    'the state of a user cannot be read: Error: no',
  ],
] as const)(
  'users with %s are not handed over, and the worker sends a notice instead of failing',
  async ([, members, why]) => {
    const { window, last } = await handedOver(
      `${members}; tasks = { go: 1 }; async go() { await this.http.get('/go', { headers: { 'x-user': String(this.index) } }) }`,
    )
    expect([...window.notices.keys()]).toEqual([
      `users of class U cannot be handed over, so they start from the beginning in the next worker: ${why}`,
    ])
    expect([...window.exceptions.keys()]).toEqual([])
    expect(window.users.carried).toBe(0)
    expect([last.final, last.failure, [...window.workers.values()].some(({ terminated }) => terminated)]).toEqual([
      true,
      null,
      false,
    ])
  },
)

test.concurrent('fields and headers are handed over, whatever their names are', async () => {
  const { window, lines } = await handedOver(`
  prototype = 0;
  ['__proto__'] = 0
  tasks = { go: 1 }
  async onStart() { this.http.headers.set('x-user', String(this.index)); this.http.headers.set('constructor', 'kept') }
  async go() {
    const own = Object.getOwnPropertyDescriptor(this, '__proto__')?.value + 1
    Object.defineProperty(this, '__proto__', { value: own, configurable: true, enumerable: true, writable: true })
    this.prototype++
    await this.http.get('/go', { query: { prototype: this.prototype, own, header: this.http.headers.get('constructor') } })
  }`)
  expect(window.users.carried).toBeGreaterThan(0)
  expect([...window.exceptions.keys()]).toEqual([])
  const steps = lines.map((line) => /prototype=(\d+)&own=(\d+)&header=kept/.exec(line)?.slice(1).map(Number) ?? [])
  expect(steps.every(([a, b]) => a !== undefined && a === b)).toBe(true)
})
