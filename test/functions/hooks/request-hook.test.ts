import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { HookEvent } from '../../../functions/events.ts'
import { newClaim } from '../../../functions/hooks/hook-records.ts'
import { keys } from '../../../functions/keys.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from '../coordinator/small-cloud.ts'

type HookName = HookEvent['hook']

/** Each hook returns its name and a random number, so each call has a different result. */
const code = `const called = (name) => () => name + ' ' + Math.random()
export default { [Symbol.for('burst.scenario')]: true, beforeRun: called('before'), afterRun: called('after') }`

/**
 * Returns a cloud in which `deliver` decides what happens to each invocation of a hook. `number` is the number of the invocation among the
 * invocations of this hook, from 1.
 */
async function cloudThat(
  deliver: (event: HookEvent, number: number, begin: () => Promise<void>, cloud: SmallCloud) => Promise<void>,
  beforeRun = true,
): Promise<{ cloud: SmallCloud; invoked: Record<HookName, number> }> {
  const bundle = createHash('sha256').update(code).digest('hex')
  const hooks = { beforeRun, afterRun: true, onRequest: false }
  const cloud = new SmallCloud(planOf({ bundle, hooks }))
  await cloud.store.put(keys.bundle(bundle), code)
  const { invoke } = cloud
  const invoked = { beforeRun: 0, afterRun: 0 }
  cloud.invoke = async (stage, event) => {
    if (stage !== 'hook') return invoke(stage, event)
    const one = event as HookEvent
    await deliver(one, ++invoked[one.hook], () => invoke(stage, event), cloud)
  }
  return { cloud, invoked }
}

const stored = async ({ store }: SmallCloud, hook: HookName): Promise<string | undefined> =>
  (await store.get(keys.hook('r1', hook)))?.body
const error = 'RequestId: 7a0f Error: Runtime exited with error: signal: killed'
const killed = (event: HookEvent) => ({ stage: 'hook', event, error }) as const

describe('beforeRun and afterRun', () => {
  test('a hook runs once and the run succeeds, even if invocations never arrive, arrive late, arrive twice or fail early', async () => {
    const { cloud, invoked } = await cloudThat(async (event, number, begin, { failures, nowMs }) => {
      if (number === 2) failures.push(killed(event))
      if (number < 3) return
      cloud.at(nowMs + 200_000, begin)
      await Promise.all([begin(), begin()])
    })
    const report = await cloud.coordinate()
    expect(report?.verdict.exitCode).toBe(0)
    const results = [await stored(cloud, 'beforeRun'), await stored(cloud, 'afterRun')]
    expect(results).toEqual([expect.stringMatching(/^"before 0\.\d+"$/), expect.stringMatching(/^"after 0\.\d+"$/)])
    expect(invoked).toEqual({ beforeRun: 3, afterRun: 3 })
    await cloud.pass(300_000)
    expect([await stored(cloud, 'beforeRun'), await stored(cloud, 'afterRun')]).toEqual(results)
    expect(await cloud.store.list(keys.hooks('r1'))).toEqual([
      keys.hook('r1', 'afterRun'),
      keys.hook('r1', 'beforeRun'),
    ])
  })

  test.for([
    ['beforeRun', 'never comes', 'no invocation began within 60 seconds'],
    ['afterRun', 'never comes', 'no invocation began within 60 seconds'],
    ['beforeRun', 'fails each time', 'it was killed (out of memory or killed from outside)'],
  ] as const)(
    'if the invocation of %s %s, the run ends with exit code 97 and gives the reason, and a late invocation does not run the hook',
    async ([hook, how, why]) => {
      const late: (() => Promise<void>)[] = []
      const { cloud, invoked } = await cloudThat(async (event, _, begin, { failures }) => {
        if (event.hook !== hook) return begin()
        late.push(begin)
        if (how === 'fails each time') failures.push(killed(event))
      })
      const report = await cloud.coordinate()
      expect(report?.verdict).toMatchObject({
        exitCode: 97,
        reasons: expect.arrayContaining([expect.stringContaining(`${hook} did not begin: ${why}`)]),
      })
      expect(invoked[hook]).toBeLessThan(6)
      for (const begin of late) await begin()
      expect(await stored(cloud, hook)).toMatch(/^claim /)
      expect((await stored(cloud, 'afterRun')) === undefined).toBe(hook === 'beforeRun')
    },
  )

  test('if a coordinator is lost while afterRun is running, its successor waits for this afterRun and does not run afterRun again', async () => {
    const { cloud, invoked } = await cloudThat(async (event, number, _begin, running) => {
      if (number === 1) running.failures.push(killed(event))
      else await runFor(30_000, event, running)
    }, false)
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + 40_000)).rejects.toThrow('lost')
    expect(await stored(cloud, 'afterRun')).toMatch(/^claim /)
    expect((await cloud.coordinate())?.verdict.exitCode).toBe(0)
    expect([await stored(cloud, 'afterRun'), invoked.afterRun]).toEqual(['1', 2])
  })

  test('the coordinator waits for a running afterRun, even if an earlier coordinator invoked afterRun and this invocation failed', async () => {
    const { cloud } = await cloudThat((event, _number, _begin, running) => runFor(30_000, event, running), false)
    cloud.failures.push(killed({ run: 'r1', hook: 'afterRun', invocation: 'of an earlier coordinator' }))
    expect((await cloud.coordinate())?.verdict.exitCode).toBe(0)
    expect(await stored(cloud, 'afterRun')).toBe('1')
  })

  test('if a coordinator is lost and then its afterRun is killed, the next coordinator immediately reports the reason', async () => {
    const begun: HookEvent[] = []
    const { cloud } = await cloudThat(async (event, _number, _begin, { store }) => {
      begun.push(event)
      await store.put(keys.hook('r1', event.hook), newClaim(event.invocation), { ifAbsent: true })
    }, false)
    await expect(cloud.coordinateUntil(cloud.plan.createdAt + 40_000)).rejects.toThrow('lost')
    cloud.failures.push(...begun.map(killed))
    const lostMs = cloud.nowMs
    const report = await cloud.coordinate()
    expect(report?.verdict).toMatchObject({
      exitCode: 97,
      reasons: expect.arrayContaining([
        expect.stringContaining('afterRun did not finish: it was killed (out of memory or killed from outside)'),
      ]),
    })
    expect(cloud.nowMs - lostMs).toBeLessThan(30_000)
  })
})

/** Begins a hook that has its result after the given time. */
async function runFor(ms: number, { hook, invocation }: HookEvent, cloud: SmallCloud): Promise<void> {
  const key = keys.hook('r1', hook)
  const claim = await cloud.store.put(key, newClaim(invocation), { ifAbsent: true })
  if (claim !== undefined)
    cloud.at(cloud.nowMs + ms, async () => void (await cloud.store.put(key, '1', { ifMatch: claim })))
}
