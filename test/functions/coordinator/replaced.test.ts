import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { BurstError } from '../../../core/errors.ts'
import type { Control } from '../../../core/fleet/control.ts'
import { coordinate } from '../../../functions/coordinator/handler.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment } from '../../../functions/ports.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

const launchedIn = (cloud: SmallCloud): string[] => cloud.launched.map(({ slice, attempt }) => `${slice}-${attempt}`)
const long = { profile: { points: [{ atMs: 0, level: 10 }], endMs: 120_000 } }

/**
 * Runs two coordinators: a call of the first coordinator hangs while the second coordinator takes over. The later calls of the first coordinator must
 * not affect the run.
 */
async function replacedWhileItHangs(
  cloud: SmallCloud,
  hangs: (own: Environment, hang: () => Promise<void>) => Environment,
  releasedAfterMs = 40_000,
) {
  const [hanging, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const hang = async (): Promise<void> => {
    hanging.resolve()
    await released.promise
  }
  await cloud.pass(0)
  const first = coordinate({ run: 'r1' }, hangs(cloud.environment(), hang))
  await hanging.promise
  let before: Control | undefined
  cloud.at(cloud.plan.createdAt + releasedAfterMs, async () => {
    before = await cloud.control()
    released.resolve()
    for (let turn = 0; turn < 100; turn++) await setImmediate()
  })
  const report = await cloud.coordinate({ run: 'r1', after: 1, lost: true })
  await first
  return { report, before, after: await cloud.control() }
}

describe('a coordinator whose call hangs while another coordinator takes over', () => {
  test.for(['the halt', 'the control file'])(
    'a coordinator that is replaced while it reads %s does not change the start of the run',
    async (what) => {
      const cloud = new SmallCloud(planOf(long))
      const key = what === 'the halt' ? keys.halt : keys.control('r1')
      let looks = 0
      const { report, before, after } = await replacedWhileItHangs(cloud, (own, hang) => ({
        ...own,
        store: {
          get: async (asked) => {
            const stored = await own.store.get(asked)
            // The second read of the object `halt` is the last read of this object before the coordinator sets the start of the run. The fourth read
            // of the control file is the read with which the change of the start begins.
            if (asked === key && ++looks === (what === 'the halt' ? 2 : 4)) await hang()
            return stored
          },
          put: async (...given) => own.store.put(...given),
          list: async (prefix) => own.store.list(prefix),
          delete: async (gone) => own.store.delete(gone),
        },
      }))
      expect(looks).toBeGreaterThanOrEqual(what === 'the halt' ? 2 : 4)
      expect(after.startAt).toBe(before?.startAt)
      expect(launchedIn(cloud)).toEqual(['0-0', '1-0'])
      expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
    },
  )

  test('a coordinator that was replaced does not write the control file, even if it repeats a write after a conflict', async () => {
    const writtenBy = { first: 0, replaced: 0 }
    // For at least one value of `releasedAfterMs`, the hanging call ends while the lease is due for renewal and is not renewed yet.
    for (let releasedAfterMs = 40_000; releasedAfterMs <= 55_000; releasedAfterMs += 1_000) {
      const cloud = new SmallCloud(planOf(long))
      const key = keys.control('r1')
      const put = cloud.store.put.bind(cloud.store)
      // The second coordinator writes the control file slowly.
      cloud.store.put = async (...given) => {
        if (given[0] === key && cloud.coordinators > 0) await cloud.environment().clock.sleep(3_000)
        return put(...given)
      }
      let [looks, hung] = [0, false]
      const hangs = (own: Environment, hang: () => Promise<void>): Environment => ({
        ...own,
        store: {
          get: async (asked) => {
            const stored = await own.store.get(asked)
            if (asked === key && ++looks === 8) {
              await hang()
              hung = true
            }
            return stored
          },
          put: async (...given) => {
            const etag = await put(...given)
            if (given[0] === key && etag !== undefined) writtenBy[hung ? 'replaced' : 'first']++
            return etag
          },
          list: async (prefix) => own.store.list(prefix),
          delete: async (gone) => own.store.delete(gone),
        },
      })
      const { report } = await replacedWhileItHangs(cloud, hangs, releasedAfterMs)
      expect(hung).toBe(true)
      expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
    }
    expect(writtenBy.first).toBeGreaterThan(0)
    expect(writtenBy.replaced).toBe(0)
  })

  test.for(['fails', 'is accepted'])(
    'when the launch of a worker %s, a replaced coordinator does not stop the run and does not renew the lease',
    async (how) => {
      const cloud = new SmallCloud(planOf({ ...long, workers: 80 }))
      let launches = 0
      const { report, before, after } = await replacedWhileItHangs(cloud, (own, hang) => ({
        ...own,
        invoker: {
          ...own.invoker,
          invoke: async () => {
            launches++
            await hang()
            if (how === 'fails') throw new BurstError('runFailed', 'Lambda does not start burst-worker: denied')
          },
        },
      }))
      // The first coordinator sends only the launches that were already in progress when one launch began to hang.
      expect(launches).toBe(64)
      expect(cloud.launched).toHaveLength(80)
      expect([before?.stop, after.stop]).toEqual([null, null])
      expect(report?.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
    },
  )
})
