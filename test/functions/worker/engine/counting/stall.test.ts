import { expect, test } from 'vitest'
import { startRawTarget, answerOf } from '../../../../targets/raw/raw-target.ts'
import type { Window } from '../../../../../core/window/window.ts'
import { runSlice } from '../../slice-run.ts'

const perSecond = 100
const seconds = 8
/** The span in which the target delays its answers, milliseconds since the start. */
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

/** Returns the delay (p99) that the worker measured of itself: before it sent a request, and before it read a response. */
function generatorDelayMs({ workers }: Window): number {
  const delays = [...workers.values()].map(
    ({ lag, timingError }) => (lag.percentileMs(99) ?? 0) + (timingError.percentileMs(99) ?? 0),
  )
  return Math.max(...delays)
}

interface StallingTarget {
  origin: string
  /** Sets the start of the run, in epoch milliseconds. */
  begin(atMs: number): void
  /** Returns the greatest lateness of an answer that the target delayed, in milliseconds. */
  lateMs(): number
  close(): Promise<void>
}

async function startStallingTarget(): Promise<StallingTarget> {
  let startMs = Infinity
  let lateMs = 0
  const target = await startRawTarget({
    '*': (_, socket) => {
      const sinceMs = Date.now() - startMs
      const answer = (): void => void socket.write(answerOf('ok'))
      if (sinceMs < stall.fromMs || sinceMs >= stall.untilMs) answer()
      else {
        setTimeout(() => {
          lateMs = Math.max(lateMs, Date.now() - startMs - stall.untilMs)
          answer()
        }, stall.untilMs - sinceMs)
      }
    },
  })
  return {
    origin: target.origin,
    begin: (atMs) => void (startMs = atMs),
    lateMs: () => lateMs,
    close: () => target.close(),
  }
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
      const delayMs = target.lateMs() + generatorDelayMs(window)
      for (const percentile of [90, 95, 99]) {
        const expectedMs = theory[Math.ceil((percentile / 100) * theory.length) - 1] as number
        const measuredMs = cell?.fromIntent.percentileMs(percentile) ?? 0
        expect(measuredMs).toBeGreaterThan(0.95 * expectedMs)
        expect(measuredMs - delayMs).toBeLessThan(1.05 * expectedMs)
      }
    } finally {
      await target.close()
    }
  },
)
