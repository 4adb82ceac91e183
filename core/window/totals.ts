import type { Window } from './window.ts'
import type { Totals } from './message.ts'

/** Returns the totals of a window, computed from the rows and histograms of the window. */
export function totalsOf(window: Window): Totals {
  const totals: Totals = { requests: 0, failures: 0, exchanges: 0, interrupted: 0, latencies: 0, intents: 0 }
  for (const cell of window.requests.values()) {
    totals.requests += cell.requests
    totals.failures += cell.failures
    totals.exchanges += cell.exchanges
    totals.interrupted += cell.interrupted
    totals.latencies += cell.latency.count
    totals.intents += cell.fromIntent.count
  }
  return totals
}

/** Returns the sum of two totals, or the difference if `sign` is −1. */
export function addTotals(a: Totals, b: Totals, sign: 1 | -1 = 1): Totals {
  return {
    requests: a.requests + sign * b.requests,
    failures: a.failures + sign * b.failures,
    exchanges: a.exchanges + sign * b.exchanges,
    interrupted: a.interrupted + sign * b.interrupted,
    latencies: a.latencies + sign * b.latencies,
    intents: a.intents + sign * b.intents,
  }
}
