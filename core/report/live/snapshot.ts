import { greatest, smallest } from '../../extremes.ts'
import { Distribution } from '../../window/histograms/distribution.ts'
import { type GeneratorSoFar, generatorSoFar } from '../../verdict/generator/so-far.ts'
import { sumOfGeneratorCounts } from '../../window/generator-counts.ts'
import { usersAt } from '../../plan/load/load.ts'
import { mergeWindow } from '../../window/merge-windows.ts'
import type { RunPlan } from '../../plan/plan.ts'
import type { AttemptLedger, ShardState } from '../../shard/shard.ts'
import { type RequestCell, type SecondCell, type Window, emptyWindow } from '../../window/window.ts'
import type { Control } from '../../fleet/control.ts'
import { type Fleet, fleetAt } from '../../fleet/fleet.ts'

/** The state of a run in progress, for the terminal and the page, computed from the shard states and the plan. */
export interface LiveSnapshot {
  /** The time in seconds since the start; negative before the start. */
  elapsedS: number
  /** The planned duration in seconds; null: the plan has no end, so the run continues until a person or burst stops it. */
  durationS: number | null
  /**
   * `ending`: the load has ended, and requests may still be in flight. `waiting`: the maximum time for requests in flight has passed, but messages of
   * workers are missing. `reporting`: every worker has sent its last message, or the shards are closed, and burst makes the report.
   */
  phase: 'starting' | 'running' | 'ending' | 'waiting' | 'reporting'
  /**
   * `asked`: the run will pause soon. `paused`: the run is paused until a person continues the run. `returning`: a person has continued the run, and
   * the users will come back soon. `none`: every other case, and every phase except `running`.
   */
  pause: 'none' | 'asked' | 'paused' | 'returning'
  plannedUsers: number
  users: number
  draining: number
  workersPlanned: number
  workersAlive: number
  /** The number of workers whose last message has not been merged. */
  workersAwaited: number
  /** The approximate number of messages that are waiting to be merged, for all runs of the stack together. Set only in the phase `waiting`. */
  messagesAwaited?: number
  requests: number
  failures: number
  /** The mean number of requests per second in the last reported seconds. */
  rps: number
  failuresPerS: number
  latencyMs: { p50: number | null; p95: number | null; p99: number | null }
  generator: GeneratorSoFar
  /** The names with the most requests in the last seconds, at most 8. */
  top: { method: string; name: string; rps: number; failuresPerS: number; p50: number | null; p95: number | null }[]
}

/** The data from which a snapshot is made; `nowMs` is in epoch milliseconds. */
export interface LiveInput {
  plan: RunPlan
  control: Control
  shards: readonly ShardState[]
  nowMs: number
}

/**
 * The maximum number of seconds over which rates are averaged. Rates are averaged over fewer seconds at the beginning of a run, and when the windows
 * of some of these seconds are already sealed.
 */
const rateSeconds = 10
const mostNames = 8

/** Returns the current state of the run, computed from the reported counts. */
export function liveSnapshot(input: LiveInput): LiveSnapshot {
  const { plan, control, shards, nowMs } = input
  const elapsedMs = nowMs - control.startAt
  const attempts = shards.flatMap((shard) => [...shard.attempts.values()])
  const fleet = fleetAt(plan, control)
  const { profile } = fleet
  const awaited = awaitedWorkers(fleet, attempts)
  const phase = shards.some(({ closed }) => closed) ? 'reporting' : phaseAt(elapsedMs, awaited, overAt(fleet, input))
  const alive = attempts.filter((attempt) => isAlive(attempt, input) || isBetween(attempt, attempts, input))
  const recent = recentOf(input, alive.length > 0 ? alive : attempts)
  const byModel = plan.model === 'users' ? usersAt(profile, elapsedMs) : 0
  return {
    elapsedS: elapsedMs / 1000,
    durationS: profile.endMs === null ? null : profile.endMs / 1000,
    phase,
    pause: phase === 'running' ? pauseState(fleet, elapsedMs) : 'none',
    plannedUsers: phase === 'running' ? byModel : 0,
    users: sum(alive, (attempt) => attempt.users),
    draining: sum(alive, (attempt) => attempt.draining),
    workersPlanned: fleet.slices.length,
    workersAlive: new Set(alive.map(({ slice }) => slice)).size,
    workersAwaited: awaited,
    requests: sum(shards, ({ merged }) => merged.requests),
    failures: sum(shards, ({ merged }) => merged.failures),
    rps: recent.rps,
    failuresPerS: recent.failuresPerS,
    latencyMs: percentiles(recent.cells.map((cell) => cell.latency)),
    generator: generatorOf(input),
    top: busiest(recent),
  }
}

function pauseState({ pauses }: Fleet, elapsedMs: number): LiveSnapshot['pause'] {
  const last = pauses.at(-1)
  if (!last || (last.back && elapsedMs >= last.back.atMs)) return 'none'
  if (last.back) return 'returning'
  return elapsedMs < last.fromMs ? 'asked' : 'paused'
}

function phaseAt(elapsedMs: number, awaited: number, over: Over): LiveSnapshot['phase'] {
  if (awaited === 0) return 'reporting'
  if (elapsedMs < over.loadMs) return elapsedMs < 0 ? 'starting' : 'running'
  return elapsedMs < over.drainedMs ? 'ending' : 'waiting'
}

/** The time at which the load ends, and the latest time at which requests may be in flight. Both are in milliseconds since the start. */
interface Over {
  loadMs: number
  drainedMs: number
}

function overAt({ profile }: Fleet, { plan: { timing }, control: { stop, startAt } }: LiveInput): Over {
  const planned = profile.endMs ?? Number.POSITIVE_INFINITY
  const stopped = stop ? stop.at - startAt : Number.POSITIVE_INFINITY
  // A worker may notice a stop request up to `controlPollMs` late. The sum therefore includes `controlPollMs`.
  const stoppedDrained = stopped + timing.controlPollMs + timing.stopMs
  return { loadMs: Math.min(planned, stopped), drainedMs: Math.min(planned + timing.drainMs, stoppedDrained) }
}

function awaitedWorkers({ slices }: Fleet, attempts: readonly AttemptLedger[]): number {
  // A worker that has handed over its users does not count as ended, because another worker continues with these users.
  const ended = attempts.filter(({ finalSequence, handedOver }) => finalSequence !== null && !handedOver)
  const done = new Set(ended.map(({ slice }) => slice))
  return slices.filter(({ slice }) => !done.has(slice)).length
}

/**
 * Returns whether a worker is alive. A worker is alive if it has sent a message within the last three windows, and this message was not its final
 * message.
 */
function isAlive(attempt: AttemptLedger, { plan, nowMs }: LiveInput): boolean {
  return attempt.finalSequence === null && attempt.lastSentAt > nowMs - 3 * plan.windowMs
}

/** Returns whether a worker has just handed over its users, and no worker of its slice has reported a later second yet. */
function isBetween(attempt: AttemptLedger, attempts: readonly AttemptLedger[], { plan, nowMs }: LiveInput): boolean {
  if (!attempt.handedOver || attempt.lastSentAt <= nowMs - plan.windowMs) return false
  return !attempts.some((one) => one.slice === attempt.slice && one.latestSecond > attempt.latestSecond)
}

interface Recent {
  rps: number
  failuresPerS: number
  /** The counts by request name, in the windows that contain the recent seconds. */
  cells: RequestCell[]
}

/** Returns the rates and latencies of the last seconds. Uses only seconds for which all `reporting` workers have sent all counts. */
function recentOf({ plan, control, shards }: LiveInput, reporting: readonly AttemptLedger[]): Recent {
  const reportedUntil = smallest(reporting, (attempt) => attempt.lastSentAt)
  const open = shards.flatMap((shard) => [...shard.open])
  // Omits the seconds before the first window that is open in all shards, because some shards have already sealed the earlier windows.
  const firstOpen = greatest(
    shards.filter((shard) => shard.open.size > 0),
    (shard) => smallest(shard.open.keys(), Number),
  )
  const to = Math.floor((reportedUntil - control.startAt) / 1000)
  const from = Math.max(0, to - rateSeconds, Math.ceil((firstOpen * plan.windowMs) / 1000))
  if (!(to > from) || !Number.isFinite(to)) return { rps: 0, failuresPerS: 0, cells: [] }
  const windows = open.filter(([window]) => (window + 1) * plan.windowMs > from * 1000).map(([, content]) => content)
  const seconds = windows.flatMap((window) => [...window.seconds])
  const counted = seconds.filter(([second]) => second >= from && second < to).map(([, cell]) => cell)
  const perSecond = (count: (cell: SecondCell) => number): number => sum(counted, count) / (to - from)
  return {
    rps: perSecond((cell) => cell.requests),
    failuresPerS: perSecond((cell) => cell.failures),
    cells: [...mergedRequests(windows).requests.values()],
  }
}

function mergedRequests(windows: readonly Window[]): Window {
  const all = emptyWindow()
  for (const { requests } of windows) mergeWindow(all, { ...emptyWindow(), requests })
  return all
}

/**
 * Returns the busiest names. Divides the rate of all requests among the names in proportion to their counts, because the windows of a long run do not
 * count the names by second.
 */
function busiest({ cells, rps, failuresPerS }: Recent): LiveSnapshot['top'] {
  const requests = Math.max(
    1,
    sum(cells, (cell) => cell.requests),
  )
  const failures = Math.max(
    1,
    sum(cells, (cell) => cell.failures),
  )
  return cells
    .filter((cell) => cell.requests > 0)
    .toSorted((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1))
    .slice(0, mostNames)
    .map((cell) => {
      const { p50, p95 } = percentiles([cell.latency])
      return {
        method: cell.method,
        name: cell.name,
        rps: (rps * cell.requests) / requests,
        failuresPerS: (failuresPerS * cell.failures) / failures,
        p50,
        p95,
      }
    })
}

function percentiles(parts: readonly Distribution[]): LiveSnapshot['latencyMs'] {
  const all = new Distribution()
  for (const part of parts) all.add(part)
  const at = (percentile: number): number | null => all.percentileMs(percentile) ?? null
  return { p50: at(50), p95: at(95), p99: at(99) }
}

/** Judges the generator over the whole run so far, by the rules for a run in progress. */
function generatorOf({ plan, shards }: LiveInput): GeneratorSoFar {
  const counts = sumOfGeneratorCounts(shards.map(({ generator }) => generator))
  return generatorSoFar(counts, {
    isClosed: plan.model === 'users',
    unpaced: plan.classes.every((one) => one.unpaced),
  })
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0)
}
