import { greatest } from '../extremes.ts'
import type { WorkerCell } from '../window/window.ts'
import { counted, percent } from '../words.ts'

/** The machine of a local run. */
export interface Machine {
  cores: number
  workers: number
}

/** An event loop that is busy for less of each interval waits for events or for the CPU. */
const idleBelow = 0.5
const lessWork = "do less work in the scenario's own code"

/**
 * What a person can do about a generator that is too slow.
 * @param machine absent on AWS
 * @param slow the workers of the run if they were too slow; empty when requests failed for another reason
 */
export function remedyOf(machine: Machine | undefined, slow: readonly WorkerCell[]): string {
  if (machine === undefined) return `use fewer users per worker or more workers, or ${lessWork}`
  const { cores, workers } = machine
  const busiest = greatest(slow, (cell) => cell.loopUtilization, 0)
  if (busiest > 0 && busiest < idleBelow && !slow.some((cell) => cell.blocked)) {
    return `no worker was busy for more than ${percent(busiest)} of the time, so other processes used the CPU: end them, or run burst on another machine`
  }
  const have = `this machine has ${counted(cores, 'core')}, and the run had ${counted(workers, 'worker')}`
  if (workers < cores) return `${have}: use --workers ${cores}, or ${lessWork}`
  return `${have}: use fewer users or a machine with more cores, or ${lessWork}`
}
