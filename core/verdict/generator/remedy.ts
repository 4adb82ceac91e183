import type { WorkerCell } from '../../window/window.ts'
import { counted, percent } from '../../words.ts'

/** The machine of a local run. */
export interface Machine {
  cores: number
  workers: number
}

/** The fraction of busy time below which an event loop counts as idle: it mostly waits for events or for the CPU. */
const idleBelow = 0.5
const lessWork = "do less work in the scenario's own code"
/** Only runs on this machine get this advice, because other runs cannot record a CPU profile. */
const lessWorkHere = `${lessWork} (--cpu-prof shows which code takes the time)`

/** The workers of a run that were too slow. */
interface Slow {
  workers: readonly Pick<WorkerCell, 'blocked'>[]
  /** The fraction of time in which their event loops were busy while the workers were too slow; null: unknown. */
  busyShare: number | null
}

/**
 * Returns advice for a user whose generator is slow.
 * @param machine absent on AWS
 * @param slow null when requests failed for another reason
 */
export function remedyOf(machine: Machine | undefined, slow: Slow | null): string {
  if (machine === undefined) return `use fewer users per worker or more workers, or ${lessWork}`
  const { cores, workers } = machine
  const busy = slow?.busyShare ?? null
  if (slow && busy !== null && isIdle(busy, slow)) {
    return `the workers were late, although they were busy for only ${percent(busy)} of that time. Other processes used the CPU: end these processes, or run burst on another machine`
  }
  const have = `this machine has ${counted(cores, 'core')}, but the run had ${counted(workers, 'worker')}`
  if (workers < cores) return `${have}: use --workers ${cores}, or ${lessWorkHere}`
  return `${have}: use fewer users or a machine with more cores, or ${lessWorkHere}`
}

/** Returns whether the workers waited for the CPU rather than for their own code. A busy fraction of 0 means that it was not measured. */
function isIdle(busyShare: number, { workers }: Slow): boolean {
  return busyShare > 0 && busyShare < idleBelow && !workers.some((cell) => cell.blocked)
}
