import type { WorkerCell } from '../../window/window.ts'
import { counted, percent } from '../../words.ts'

/** The machine of a local run. */
export interface Machine {
  cores: number
  workers: number
}

/** An event loop counts as idle if its busy fraction is below this value. An idle event loop mostly waits for events or for the CPU. */
const idleBelow = 0.5
/**
 * If workers waited for a core for at least this fraction of the time, and the run has at most one worker per core, other processes caused the
 * slowness.
 */
const waitingFrom = 0.1
const lessWork = "do less work in the scenario's own code"
/** burst gives this advice only for local runs, because other runs cannot record a CPU profile. */
const lessWorkHere = `${lessWork} (--cpu-prof shows which code takes the time)`

/** The workers of a run that were too slow. */
interface Slow {
  workers: readonly Pick<WorkerCell, 'blocked'>[]
  /** The busy fraction (0–1) of the event loops while the workers were too slow; null: unknown. */
  busyShare: number | null
  /** The fraction (0–1) of time for which the workers waited for a core while they were too slow; null: unknown. */
  waitShare: number | null
}

/**
 * Returns advice for a run whose generator was too slow, or whose requests failed on burst's side.
 * @param machine absent on AWS
 * @param slow null when requests failed on burst's side although the workers were fast enough
 */
export function remedyOf(machine: Machine | undefined, slow: Slow | null): string {
  if (machine === undefined) return `use fewer users per worker or more workers, or ${lessWork}`
  return (slow && notBurstsOwn(machine, slow)) ?? lessLoad(machine)
}

/**
 * Returns advice if the workers were slow because they waited for the CPU. Returns null if the workers' own code took the time, or if the cause is
 * unknown.
 */
function notBurstsOwn({ cores, workers }: Machine, slow: Slow): string | null {
  const waited = slow.waitShare ?? 0
  if (waited >= waitingFrom && workers <= cores) {
    return `the workers waited for a core for ${percent(waited)} of the time in which they were late, because other processes used all cores: end these processes, or use a machine with more cores (a target on this machine also needs a core)`
  }
  const busy = slow.busyShare
  if (busy === null || !isIdle(busy, slow)) return null
  return `the workers were late, although they were busy for only ${percent(busy)} of the time. The system resumed the workers late: end other processes that use the CPU, or use a machine whose cores are not shared`
}

function lessLoad({ cores, workers }: Machine): string {
  const have = `this machine has ${counted(cores, 'core')}, but the run had ${counted(workers, 'worker')}`
  if (workers < cores) return `${have}: use --workers ${cores}, or ${lessWorkHere}`
  return `${have}: use fewer users or a machine with more cores, or ${lessWorkHere}`
}

/**
 * Returns whether the event loops were mostly idle while the workers were slow. Returns false if the workers' own code took the time or blocked an
 * event loop. Also returns false for a busy fraction of 0, because 0 means that the fraction was not measured.
 */
function isIdle(busyShare: number, { workers }: Slow): boolean {
  return busyShare > 0 && busyShare < idleBelow && !workers.some((cell) => cell.blocked)
}
