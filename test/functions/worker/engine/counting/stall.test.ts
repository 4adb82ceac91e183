import { expect, test } from 'vitest'
import { startRawTarget, answerOf } from '../../../../targets/raw/raw-target.ts'
import type { Window } from '../../../../../core/window/window.ts'
import { runSlice } from '../../slice-run.ts'

const perSecond = 100
const seconds = 8
/** The span in which the target delays its answers, in milliseconds since the start. */
const stall = { fromMs: 2_000, untilMs: 6_000 }

/** A request that the target answered. Times are milliseconds since the start. */
interface Exchange {
  user: number
  arrivedMs: number
  answeredMs: number
}

/**
 * Returns the times at which arrivals are due. One arrival is due every 10 ms. A busy machine may drop arrivals. A second of the run with dropped
 * arrivals has fewer times, at equal intervals.
 */
function intentsIn(window: Window): number[] {
  return Array.from({ length: seconds }, (_, second) => {
    const many = perSecond - (window.seconds.get(second)?.dropped ?? 0)
    return Array.from({ length: many }, (_, k) => 1_000 * (second + k / many))
  }).flat()
}

/** Returns the times from intent that a perfect generator would measure if the target answered immediately outside the stall. */
function inTheory(window: Window): number[] {
  return intentsIn(window)
    .map((atMs) => (atMs >= stall.fromMs && atMs < stall.untilMs ? stall.untilMs - atMs : 0))
    .toSorted((a, b) => a - b)
}

/**
 * Computes two values for each request. Both values come from the times that the target recorded. The first value is the time from intent. The second
 * value is the delay with which the request arrived at the target. For an arrival, the delay begins when the request is due. For a paced user, the
 * delay begins when the request is due or when the target answers the user's previous request, whichever is later.
 * @param intentsOf returns the times at which the requests of a user are due, in order
 */
function atTarget(
  exchanges: readonly Exchange[],
  intentsOf: (user: number) => readonly number[],
): { times: number[]; delays: number[] } {
  const all = [...Map.groupBy(exchanges, ({ user }) => user)].flatMap(([user, mine]) => {
    const intents = intentsOf(user)
    const inOrder = mine.toSorted((a, b) => a.arrivedMs - b.arrivedMs)
    return inOrder.map(({ arrivedMs, answeredMs }, k) => {
      const intentMs = intents[k] ?? Number.NaN
      const readyMs = user < 0 ? 0 : (inOrder[k - 1]?.answeredMs ?? 0)
      return { time: answeredMs - intentMs, delay: arrivedMs - Math.max(intentMs, readyMs) }
    })
  })
  const sorted = (numbers: number[]): number[] => numbers.toSorted((a, b) => a - b)
  return { times: sorted(all.map(({ time }) => time)), delays: sorted(all.map(({ delay }) => delay)) }
}

function percentileOf(sorted: readonly number[], percentile: number): number {
  return sorted[Math.ceil((percentile / 100) * sorted.length) - 1] as number
}

/** Returns the delay (p99) with which the worker read responses, as measured by the worker. The target cannot observe this delay. */
function readDelayMs({ workers }: Window): number {
  return Math.max(...[...workers.values()].map(({ timingError }) => timingError.percentileMs(99) ?? 0))
}

interface StallingTarget {
  origin: string
  /** Sets the start of the run, in epoch milliseconds. */
  begin(atMs: number): void
  exchanges: Exchange[]
  close(): Promise<void>
}

async function startStallingTarget(): Promise<StallingTarget> {
  let startMs = Infinity
  const exchanges: Exchange[] = []
  const target = await startRawTarget({
    '*': ({ lines }, socket) => {
      const arrivedMs = Date.now() - startMs
      const user = Number(/^x-user: (\d+)$/im.exec(lines.join('\n'))?.[1] ?? -1)
      const answer = (): void => {
        exchanges.push({ user, arrivedMs, answeredMs: Date.now() - startMs })
        socket.write(answerOf('ok'))
      }
      if (arrivedMs < stall.fromMs || arrivedMs >= stall.untilMs) answer()
      else setTimeout(answer, stall.untilMs - arrivedMs)
    },
  })
  return {
    origin: target.origin,
    begin: (atMs) => void (startMs = atMs),
    exchanges,
    close: () => target.close(),
  }
}

test.for([
  ['arrivals', '', '', `load: [arrivals(${perSecond}, ${seconds}, { maxUsers: 800 })]`],
  [
    'paced users',
    'wait = pacing(1)',
    `, { headers: { 'x-user': String(this.index) } }`,
    `load: [ramp(${perSecond}, 1), hold(${seconds - 1})]`,
  ],
] as const)(
  'after a stall of the target, the times from intent of %s differ by at most 5 percent from the times that the target measures',
  async ([, wait, options, load]) => {
    const target = await startStallingTarget()
    try {
      const { window } = await runSlice({
        host: target.origin,
        during: async ({ startAt }) => target.begin(startAt),
        scenario: `import { HttpUser, arrivals, hold, pacing, ramp, scenario, task } from 'burst'
class U extends HttpUser {
  ${wait}
  @task async go() { await this.http.get('/'${options}) }
}
export default scenario({ host: '${target.origin}', users: [U], ${load} })`,
      })
      const cell = window.requests.get('GET /')
      const theory = inTheory(window)
      expect(theory.length).toBeGreaterThan(400)
      // A user may still send the request that is due exactly at the end of the run.
      const everySecond = (user: number): number[] =>
        Array.from({ length: seconds + 1 }, (_, second) => 1_000 * (second + user / perSecond))
      // `user` is negative for requests of arrivals. These requests arrive in the order in which they are due.
      const { times, delays } = atTarget(target.exchanges, (user) => (user < 0 ? intentsIn(window) : everySecond(user)))
      const lateMs = percentileOf(delays, 99)
      const slowMs = target.exchanges.reduce((most, { answeredMs, arrivedMs }) => {
        const isStalled = arrivedMs >= stall.fromMs && arrivedMs < stall.untilMs
        return isStalled ? Math.max(most, answeredMs - stall.untilMs) : most
      }, 0)
      for (const percentile of [90, 95, 99]) {
        const measuredMs = cell?.fromIntent.percentileMs(percentile) ?? 0
        const expectedMs = percentileOf(theory, percentile)
        expect(measuredMs).toBeGreaterThan(0.95 * expectedMs)
        expect(measuredMs - readDelayMs(window)).toBeLessThan(1.05 * percentileOf(times, percentile))
        expect(measuredMs - readDelayMs(window) - lateMs - slowMs).toBeLessThan(1.05 * expectedMs)
      }
    } finally {
      await target.close()
    }
  },
)
