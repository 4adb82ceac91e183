import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { Deadlines, type Timed } from '../../../../../functions/worker/engine/http/deadlines.ts'

/**
 * A call with a time limit. `due` and `removed` are the state of the call before the first check. When the call times out, the calls with the
 * indexes in `removes` end too, because a request can end other requests.
 */
const cases = fc.array(
  fc.record({ due: fc.boolean(), removed: fc.boolean(), removes: fc.array(fc.nat(20), { maxLength: 2 }) }),
  { maxLength: 20 },
)

test('a call that is due and was not removed times out exactly once, and no other call times out', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const [nowMs, ended, gone] = [performance.now(), new Set<number>(), new Set<number>()]
      const deadlines = new Deadlines(() => undefined)
      const calls = given.map((one, index): Timed => ({
        deadlineMs: one.due ? nowMs : Number.POSITIVE_INFINITY,
        listedAt: -1,
        isOverdue: () => false,
        timeOut: () => {
          expect(gone.has(index) || ended.has(index)).toBe(false)
          ended.add(index)
          for (const other of one.removes) remove(other)
        },
      }))
      const remove = (index: number): void => {
        const call = calls[index]
        if (!call) return
        deadlines.remove(call)
        gone.add(index)
      }
      for (const call of calls) deadlines.add(call)
      given.forEach(({ removed }, index) => removed && remove(index))
      const last = { deadlineMs: nowMs, listedAt: -1, isOverdue: () => false, timeOut: vi.fn<() => void>() }
      deadlines.add(last)
      await vi.waitUntil(() => last.timeOut.mock.calls.length > 0, { interval: 1 })
      deadlines.close()
      given.forEach(({ due }, index) => expect(ended.has(index) || gone.has(index) || !due).toBe(true))
      expect(given.filter(({ due }, index) => !due && ended.has(index))).toEqual([])
      expect(last.timeOut).toHaveBeenCalledTimes(1)
    }),
    { numRuns: 30 },
  )
})
