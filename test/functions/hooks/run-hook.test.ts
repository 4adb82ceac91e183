import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeControl } from '../../../core/fleet/control.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { closedWindow } from '../../../core/report/metrics/closed-window.ts'
import { emptyWindow } from '../../../core/window/window.ts'
import { ownedS3Client } from '../../../functions/aws/s3-client.ts'
import { S3Store } from '../../../functions/aws/s3-store.ts'
import { clientSettings } from '../../../functions/aws/client-settings.ts'
import { hookResult, newClaim } from '../../../functions/hooks/hook-records.ts'
import { runHook, runWindowHook } from '../../../functions/hooks/run-hook.ts'
import { anchoredClock } from '../../../functions/clock.ts'
import { carryOutHook } from '../../../functions/hooks/hook-stage.ts'
import { keys } from '../../../functions/keys.ts'
import { putPlan } from '../../../functions/variables.ts'
import { planOf } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'
import { startSmallS3 } from '../aws/small-s3.ts'
import { SmallCloud } from '../coordinator/small-cloud.ts'

let store: MemoryStore
beforeEach(() => (store = new MemoryStore()))

/** Stores a bundle with these hooks, and makes a plan for the bundle. */
async function planWith(hooks: string): Promise<RunPlan> {
  const map = { version: 3, sources: ['load/shop.burst.ts'], names: [], mappings: 'AAyBA' }
  const encoded = Buffer.from(JSON.stringify(map)).toString('base64')
  const code = `export default { [Symbol.for('burst.scenario')]: true, ${hooks} }\n//# sourceMappingURL=data:application/json;base64,${encoded}\n`
  const bundle = createHash('sha256').update(code).digest('hex')
  await store.put(keys.bundle(bundle), code)
  return planOf({ bundle, vars: { tier: 'gold' } })
}

const stored = async (hook: 'beforeRun' | 'afterRun'): Promise<string | undefined> =>
  (await store.get(keys.hook('r1', hook)))?.body

describe('a hook', () => {
  test('a hook receives run, host and vars, and its result is stored as JSON', async () => {
    await runHook({ store }, await planWith('beforeRun: async (run) => ({ ...run, made: [1] })'), 'beforeRun')
    expect(JSON.parse((await stored('beforeRun')) ?? '')).toEqual({
      run: 'r1',
      host: 'http://127.0.0.1:8080',
      vars: { tier: 'gold' },
      made: [1],
    })
  })

  test('if a hook throws a value that cannot be shown as text, the error says so', async () => {
    const plan = await planWith('beforeRun() { throw Object.create(null) }')
    await expect(runHook({ store }, plan, 'beforeRun')).rejects.toThrow(
      'beforeRun threw: a value that cannot be shown as text',
    )
  })

  test('a message that a hook sends to parentPort is not mistaken for the result of the hook', async () => {
    const hook =
      "beforeRun: async () => { const { parentPort } = await import('node:worker_threads'); parentPort.postMessage('ready'); return 1 }"
    await runHook({ store }, await planWith(hook), 'beforeRun')
    expect(await stored('beforeRun')).toBe('1')
  })

  test('`data` is undefined if beforeRun is missing or returns undefined, and null if beforeRun returns null', async () => {
    for (const [hooks, data] of [
      ['beforeRun() {}', undefined],
      ['onEvent() {}', undefined],
      ['beforeRun: () => null', null],
    ] as const) {
      store = new MemoryStore()
      const plan = await planWith(`${hooks}, afterRun: (run) => ['data' in run, run.data ?? null]`)
      await runHook({ store }, plan, 'beforeRun')
      expect(await hookResult(store, plan.run)).toBe(data)
      await runHook({ store }, plan, 'afterRun')
      expect(await stored('afterRun')).toBe(JSON.stringify([data !== undefined, null]))
    }
  })

  test('afterRun receives the result of beforeRun', async () => {
    const plan = await planWith('beforeRun: () => ({ id: 7 }), afterRun: ({ data }) => data.id + 1')
    await runHook({ store }, plan, 'beforeRun')
    await runHook({ store }, plan, 'afterRun')
    expect(await stored('afterRun')).toBe('8')
  })

  test('afterRun may return a value that JSON cannot represent, because its result is not used', async () => {
    for (const result of ['1n', 'globalThis', '({ toJSON() { throw new Error() } })']) {
      store = new MemoryStore()
      await runHook({ store }, await planWith(`afterRun: () => ${result}`), 'afterRun')
      expect(await stored('afterRun')).toBe('undefined')
    }
  })

  test('onEvent is called once at the start of the run, before beforeRun, and once at the end of the run, after afterRun', async () => {
    const plan = await planWith(
      `beforeRun() { return this.seen }, afterRun() { return this.seen }, onEvent({ type, run, data }) { (this.seen ??= []).push({ type, run, data }) }`,
    )
    await runHook({ store }, plan, 'beforeRun')
    expect(JSON.parse((await stored('beforeRun')) ?? '')).toEqual([{ type: 'runStart', run: 'r1' }])
    await runHook({ store }, plan, 'afterRun')
    expect(await stored('afterRun')).toBe('undefined')
  })

  test('if onEvent throws at the start of the run, beforeRun is not called; if onEvent and afterRun throw at the end, both errors are reported', async () => {
    const plan = await planWith(
      `beforeRun: () => console.log('begun'), afterRun() { throw new Error('no') }, onEvent: async ({ type }) => { throw new Error(type) }`,
    )
    await expect(runHook({ store }, plan, 'beforeRun')).rejects.toThrow('onEvent threw: runStart')
    await expect(runHook({ store }, plan, 'afterRun')).rejects.toThrow(/afterRun threw: no.*; onEvent threw: runStop/)
  })

  test('onEvent is called once per window with the result of beforeRun, even if the event arrives twice; if onEvent throws, its error is stored', async () => {
    const plan = await planWith(
      `beforeRun: () => ({ id: 7 }), onEvent(event) { if (event.type === 'windowClosed') { console.log('told'); throw new Error(JSON.stringify(event)) } }`,
    )
    await runHook({ store }, plan, 'beforeRun')
    const told = { number: 3, to: 4, window: closedWindow(emptyWindow(), { from: 4, to: 4, windowMs: 5000 }) }
    await runWindowHook({ store }, plan, told)
    const answer = (await store.get(keys.windowHook('r1', 3)))?.body ?? ''
    await runWindowHook({ store }, plan, { ...told, to: 5 })
    expect((await store.get(keys.windowHook('r1', 3)))?.body).toBe(answer)
    const { to, error } = JSON.parse(answer) as { to: number; error: string }
    expect(to).toBe(4)
    expect(JSON.parse(/threw: (\{.*\}) \(load\/shop/.exec(error)?.[1] ?? '')).toEqual({
      type: 'windowClosed',
      run: 'r1',
      host: 'http://127.0.0.1:8080',
      vars: { tier: 'gold' },
      data: { id: 7 },
      ...told.window,
    })
  })

  test.for([
    ['blocks forever', '{ for (;;); }', 300, 'onEvent took longer than 300 ms'],
    ['ends its process', 'process.exit(0)', 60_000, 'onEvent ended its thread'],
  ] as const)(
    'an onEvent that %s during a window event is terminated, and the error is stored as the result of onEvent',
    async ([, body, limitMs, error]) => {
      const window = closedWindow(emptyWindow(), { from: 0, to: 0, windowMs: 5000 })
      await runWindowHook({ store }, await planWith(`onEvent: () => ${body}`), { number: 0, to: 0, window }, limitMs)
      expect(JSON.parse((await store.get(keys.windowHook('r1', 0)))?.body ?? '')).toEqual({ to: 0, error })
    },
  )

  test('a hook runs only once, even if it is requested again', async () => {
    const plan = await planWith('beforeRun: () => Math.random()')
    await runHook({ store }, plan, 'beforeRun')
    const first = await stored('beforeRun')
    await runHook({ store }, plan, 'beforeRun')
    expect(await stored('beforeRun')).toBe(first)
  })

  test('a hook that began and never finished is not run again', async () => {
    const plan = await planWith('beforeRun: () => 1')
    await store.put(keys.hook('r1', 'beforeRun'), '')
    await runHook({ store }, plan, 'beforeRun')
    expect(await stored('beforeRun')).toBe('')
  })

  test('an invocation that writes its claim again does not mistake the claim of another invocation for its own', async () => {
    const plan = await planWith('beforeRun: () => 1')
    const s3 = await startSmallS3()
    try {
      const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
      const place = { endpoint: s3.origin, region: 'us-east-1', credentials, forcePathStyle: true }
      const client = ownedS3Client(s3.owner, { ...clientSettings({ sockets: 8, patienceMs: 5000 }), ...place })
      const shared = new S3Store(client, 'runs')
      const code = await store.get(keys.bundle(plan.bundle))
      await shared.put(keys.bundle(plan.bundle), code?.body ?? '')
      await shared.put(keys.hook('r1', 'beforeRun'), newClaim(), { ifAbsent: true })
      s3.mishaps.push({ status: 503, code: 'SlowDown' })
      await runHook({ store: shared }, plan, 'beforeRun')
      expect(s3.requests.filter((one) => one === `PUT ${keys.hook('r1', 'beforeRun')}`)).toHaveLength(3)
      expect((await shared.get(keys.hook('r1', 'beforeRun')))?.body).toMatch(/^claim /)
    } finally {
      await s3.close()
    }
  })

  test('if a hook throws, the run ends with the message and the line of the thrown error', async () => {
    const plan = await planWith(`beforeRun() { throw new Error('no stock') }`)
    await expect(runHook({ store }, plan, 'beforeRun')).rejects.toMatchObject({
      exitCode: 107,
      message: 'beforeRun threw: no stock (load/shop.burst.ts:26)',
    })
  })

  test.for([
    [
      'returns a value that JSON cannot represent',
      '() => 1n',
      /^beforeRun returned a value that is not JSON: .*BigInt$/,
    ],
    ['returns a cycle', '() => globalThis', /^beforeRun returned a value that is not JSON: Converting circular/],
    ['returns too much data', "() => 'é'.repeat(1e7)", /^beforeRun returned 20 MB of JSON, more than 16 MB: return/],
    ['throws a value that is not an error', `() => { throw 'plain text' }`, /^beforeRun threw: plain text$/],
    ['fails to fetch', "() => fetch('http://127.0.0.1:1/')", /^beforeRun threw: fetch failed: bad port( \(|$)/],
    ['ends its process', '() => process.exit(0)', /^beforeRun ended its thread$/],
  ] as const)('it counts as an error of the scenario if a hook %s', async ([, hook, message]) => {
    const plan = await planWith(`beforeRun: ${hook}`)
    const error: unknown = await runHook({ store }, plan, 'beforeRun').catch((e: unknown) => e)
    expect(error).toMatchObject({ exitCode: 107, message: expect.stringMatching(message) })
  })

  test.for([
    ['blocks forever', '() => { for (;;); }'],
    ['never settles', '() => new Promise(() => setInterval(() => {}, 1000))'],
  ] as const)('it counts as an error of the scenario if a hook %s', async ([, hook]) => {
    const plan = await planWith(`beforeRun: ${hook}`)
    const error: unknown = await runHook({ store }, plan, 'beforeRun', { limitMs: 500 }).catch((e: unknown) => e)
    expect(error).toMatchObject({ exitCode: 107, message: 'beforeRun took longer than 500 ms' })
  })

  test('the error of a hook that throws asynchronously does not show the values of secrets', async () => {
    const plan = await planWith(`beforeRun: ({ vars }) => new Promise(() => {
      setTimeout(() => { throw new Error('no access with ' + vars.password + ' and ' + process.env.API_TOKEN) })
    })`)
    await putPlan(store, {
      ...plan,
      vars: { password: 'pa55word' },
      env: { API_TOKEN: 'tok-3n' },
      hooks: { ...plan.hooks, beforeRun: true },
    })
    await carryOutHook(
      { run: 'r1', hook: 'beforeRun', invocation: 'one' },
      { ...new SmallCloud(plan).environment(), store, clock: anchoredClock() },
    )
    expect(JSON.parse((await store.get(keys.hookFailure('r1', 'beforeRun')))?.body ?? '')).toEqual({
      reason: 'scenarioThrew',
      message: 'beforeRun threw: Error: no access with *** and ***',
    })
  })

  test('a hook continues while the control file cannot be read, and is cut off when the control file contains a stop', async () => {
    const made = await planWith('beforeRun: () => new Promise(() => setInterval(() => {}, 1000))')
    const plan = { ...made, timing: { ...made.timing, controlPollMs: 20 } }
    await putPlan(store, plan)
    await store.put(keys.control('r1'), '{"v":')
    const logged: string[] = []
    const control = { v: 1 as const, startAt: 1, leaseUntil: 2, stop: { reason: 'Ctrl-C', at: 1 } }
    const log = (event: string): void => {
      if (logged.push(event) === 3) void store.put(keys.control('r1'), encodeControl(control))
    }
    const env = { ...new SmallCloud(plan).environment(), store, clock: anchoredClock(), log }
    await carryOutHook({ run: 'r1', hook: 'beforeRun', invocation: 'one' }, env)
    expect(logged.length).toBeGreaterThanOrEqual(3)
    expect(new Set(logged)).toEqual(new Set(['control unreadable']))
    expect(await stored('beforeRun')).toMatch(/^claim /)
  })

  test('a hook is invoked again after a temporary refusal, and the run continues', async () => {
    const made = await planWith('beforeRun: () => 7')
    const cloud = new SmallCloud({ ...made, hooks: { ...made.hooks, beforeRun: true } })
    await cloud.store.put(keys.bundle(made.bundle), (await store.get(keys.bundle(made.bundle)))?.body ?? '')
    const { invoke } = cloud
    let [hooks, reports] = [0, 0]
    cloud.invoke = async (stage, event) => {
      if (stage === 'hook' && ++hooks < 3) throw new Error('Rate Exceeded')
      if (stage === 'finalise' && ++reports < 3) throw new Error('Rate Exceeded')
      await invoke(stage, event)
    }
    const report = await cloud.coordinate()
    expect([hooks, reports]).toEqual([3, 3])
    expect((await cloud.store.get(keys.hook('r1', 'beforeRun')))?.body).toBe('7')
    expect(report?.verdict.exitCode).toBe(0)
  })

  test("a hook does not run if the content of its bundle does not match the hash in the bundle's name", async () => {
    const plan = await planWith('beforeRun: () => 1')
    await store.put(keys.bundle(plan.bundle), 'export default { beforeRun: () => 2 }')
    await expect(runHook({ store }, plan, 'beforeRun')).rejects.toMatchObject({ reason: 'runFailed' })
  })
})
