import type { RunPlan } from '../../plan/plan.ts'
import { mayBeInaccurate } from '../../verdict/generator/doubts.ts'
import type { GeneratorLag } from '../../verdict/generator/lag.ts'
import type { FindingSoFar } from '../../verdict/generator/so-far.ts'
import { Distribution } from '../../window/histograms/distribution.ts'
import { distributionOfText } from '../../window/histograms/histogram.ts'
import type { RequestCell, Window } from '../../window/window.ts'
import type { LiveSnapshot } from '../live/snapshot.ts'
import type { Report } from '../report.ts'
import type { Row } from '../../verdict/results.ts'

/** The data of a run for monitoring systems: the current state of the run, and the counts of all workers since the start. */
export interface Measured {
  run: string
  /** The name of the run. Default: the name of the scenario. */
  scenario: string
  /** `true` if the report exists. In this case, the counts come from the report. */
  finished: boolean
  elapsedS: number
  users: { actual: number; planned: number; draining: number }
  workers: { alive: number; planned: number }
  requests: readonly MeasuredRequest[]
  failuresByKind: ReadonlyMap<string, number>
  exceptions: number
  /** The arrivals; null in the closed model. `lost` is known only after the run has ended. */
  arrivals: { started: number; dropped: { pool: number; generator: number; lost: number } } | null
  /**
   * The delay of requests in milliseconds: the time from the moment at which a user was due to send a request until the user sent the request. Null
   * when the delay was not measured.
   */
  lagMs: { p50: number | null; p99: number | null; max: number | null }
  /** `true` if the run is generator-bound: burst sent requests late, changed the load, or caused failures. Null if unknown. */
  bound: boolean | null
  /** `true` if the latencies may be inaccurate; null if unknown. */
  inaccurate: boolean | null
}

export type MeasuredRequest = Pick<
  RequestCell,
  | 'method'
  | 'name'
  | 'requests'
  | 'failures'
  | 'exchanges'
  | 'interrupted'
  | 'bytesIn'
  | 'bytesOut'
  | 'statuses'
  | 'latency'
>

/** The counts of a run in progress. */
interface Counted {
  totals: Window
  lag: Pick<GeneratorLag, 'all'>
}

/** Returns the measurements of a run in progress. */
export function measuredSoFar(plan: RunPlan, { totals, lag: { all: lag } }: Counted, live: LiveSnapshot): Measured {
  const lagAt = (percentile: number): number | null => lag.percentileMs(percentile) ?? null
  const { started, droppedPool, droppedGenerator } = totals.arrivals
  return {
    run: plan.run,
    scenario: plan.name,
    finished: false,
    elapsedS: Math.max(0, live.elapsedS),
    users: { actual: live.users, planned: live.plannedUsers, draining: live.draining },
    workers: { alive: live.workersAlive, planned: live.workersPlanned },
    requests: [...totals.requests.values()],
    failuresByKind: countsByKind(totals.errors.values()),
    exceptions: sum([...totals.exceptions.values()].map(({ count }) => count)),
    arrivals:
      plan.model === 'users' ? null : { started, dropped: { pool: droppedPool, generator: droppedGenerator, lost: 0 } },
    lagMs: { p50: lagAt(50), p99: lagAt(99), max: lag.count === 0 ? null : lag.maxUs / 1000 },
    bound: soFar(live.generator, 'bound'),
    inaccurate: soFar(live.generator, 'inaccurate'),
  }
}

/**
 * Returns the measurements of a run that has ended. The report does not list rare failures and exceptions if there are too many. These failures are
 * missing in `failuresByKind`, and these exceptions are missing in `exceptions`.
 * @throws BurstError when a histogram of the report cannot be read
 */
export function measuredAtEnd(report: Report): Measured {
  const { run, requests, errors, exceptions, arrivals, generator } = report
  return {
    run: run.id,
    scenario: run.name,
    finished: true,
    elapsedS: Math.max(0, run.endedAt - run.startedAt) / 1000,
    users: { actual: 0, planned: 0, draining: 0 },
    workers: { alive: 0, planned: run.workers },
    requests: requests.map((row) => ({ ...row, statuses: statusesOf(row), latency: latencyOf(row) })),
    failuresByKind: countsByKind(errors),
    exceptions: sum(exceptions.map(({ count }) => count)),
    arrivals: arrivals && { started: arrivals.started, dropped: arrivals.dropped },
    lagMs: generator.lagMs,
    bound: generator.result === 'unknown' ? null : generator.result === 'bound',
    inaccurate: generator.result === 'unknown' ? null : mayBeInaccurate(generator),
  }
}

function soFar({ isMeasured, findings }: LiveSnapshot['generator'], kind: FindingSoFar['kind']): boolean | null {
  return isMeasured ? findings.some((one) => one.kind === kind && one.isSure) : null
}

function countsByKind(errors: Iterable<{ kind: string; count: number }>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { kind, count } of errors) counts.set(kind, (counts.get(kind) ?? 0) + count)
  return counts
}

function statusesOf({ statuses }: Row): Map<number, number> {
  return new Map(Object.entries(statuses).map(([status, count]) => [Number(status), count]))
}

function latencyOf({ histogram, latencyMs: { mean, min, max } }: Row): Distribution {
  if (histogram === '' || mean === null || min === null || max === null) return new Distribution()
  return distributionOfText(histogram, { meanMs: mean, minMs: min, maxMs: max })
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
