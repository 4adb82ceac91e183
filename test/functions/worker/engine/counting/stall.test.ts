import { expect, test } from 'vitest'
import { startRawTarget, answerOf } from '../../../../targets/raw/raw-target.ts'
import type { Window } from '../../../../../core/window/window.ts'
import { runSlice } from '../../slice-run.ts'

const perSecond = 100
const seconds = 8
/**
 * The target holds back answers during this span (milliseconds since the start). The span is so long that delays of a busy machine hardly
 * matter.
 */
const stall = { fromMs: 2_000, untilMs: 6_000 }

/**
 * Returns the expected times from intent. A request is due every 10 ms, and requests outside the stall take no time. Arrivals that a busy machine
 * dropped are omitted from their second.
 */
function inTheory(window: Window): number[] {
  const times = Array.from({ length: seconds }, (_, second) => {
    const many = perSecond - (window.seconds.get(second)?.dropped ?? 0)
    return Array.from({ length: many }, (_, k) => 1_000 * (second + k / many))
  })
  return times
    .flat()
    .map((atMs) => (atMs >= stall.fromMs && atMs < stall.untilMs ? stall.untilMs - atMs : 0))
    .toSorted((a, b) => a - b)
}

/** `begin` sets the start of the run, in epoch milliseconds. */
async function startStallingTarget(): Promise<{ origin: string; begin(atMs: number): void; close(): Promise<void> }> {
  let startMs = Infinity
  const target = await startRawTarget({
    '*': (_, socket) => {
      const sinceMs = Date.now() - startMs
      const answer = (): void => void socket.write(answerOf('ok'))
      if (sinceMs < stall.fromMs || sinceMs >= stall.untilMs) answer()
      else setTimeout(answer, stall.untilMs - sinceMs)
    },
  })
  return { origin: target.origin, close: () => target.close(), begin: (atMs) => void (startMs = atMs) }
}

test.for([
  ['arrivals', '', `load: [arrivals(${perSecond}, ${seconds}, { maxUsers: 800 })]`],
  ['paced users', 'wait = pacing(1)', `load: [ramp(${perSecond}, 1), hold(${seconds - 1})]`],
] as const)(
  'after a stall of the target, the times from intent of %s are within 5 percent of the expected times',
  async ([, wait, load]) => {
    const target = await startStallingTarget()
    try {
      const { window } = await runSlice({
        host: target.origin,
        during: async ({ startAt }) => target.begin(startAt),
        scenario: `import { HttpUser, arrivals, hold, pacing, ramp, scenario, task } from 'burst'
class U extends HttpUser {
  ${wait}
  @task async go() { await this.http.get('/') }
}
export default scenario({ host: '${target.origin}', users: [U], ${load} })`,
      })
      const cell = window.requests.get('GET /')
      const theory = inTheory(window)
      expect(theory.length).toBeGreaterThan(400)
      for (const percentile of [90, 95, 99]) {
        const expectedMs = theory[Math.ceil((percentile / 100) * theory.length) - 1] as number
        expect(Math.abs((cell?.fromIntent.percentileMs(percentile) ?? 0) - expectedMs)).toBeLessThan(0.05 * expectedMs)
      }
    } finally {
      await target.close()
    }
  },
)
