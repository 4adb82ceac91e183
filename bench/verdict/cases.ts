/** The wait of a user: no wait, a wait of fixed length after each response, or a wait until the next slot of a fixed interval. */
type Wait = { kind: 'none' } | { kind: 'constant' | 'pacing'; ms: number }

/** The conditions of one run of the matrix. */
export interface Case {
  /**
   * The number of the run in the matrix. Runs with even numbers are used to tune the verdict. Runs with odd numbers are used to measure how often the
   * verdict is correct.
   */
  id: number
  users: number
  /** The CPU time, in milliseconds, of the user's code after each response. */
  codeMs: number
  /** The time, in milliseconds, that the target takes for each response. */
  targetMs: number
  wait: Wait
  workers: number
  seconds: number
}

/**
 * The load, as a fraction of the requests per second that a worker can probably send. The workers share the cores with the target. On a machine with
 * two cores, all runs with a load of 0.6 and nearly all runs with a load of 0.2 are therefore generator-bound. For this reason, half of the loads are
 * below 0.2.
 */
const loads = [0.2, 0.6, 0.02, 0.1]
const codes = [0, 0.1, 0.5, 2]
const targets = [5, 20, 100, 20]
const waits: readonly Wait[] = [
  { kind: 'none' },
  { kind: 'constant', ms: 100 },
  { kind: 'pacing', ms: 200 },
  { kind: 'constant', ms: 20 },
]
const lengths = [5, 10, 20, 60]
/** The approximate CPU time of one request without user code, in milliseconds. */
const requestMs = 0.05
const mostUsersPerWorker = 700

/** Returns the matrix of 64 runs: for each pair of a load and a duration of user code, four combinations of target, wait, workers and length. */
export function matrix(): Case[] {
  const cases: Case[] = []
  for (const [l, load] of loads.entries()) {
    for (const [c, codeMs] of codes.entries()) {
      for (let turn = 0; turn < 4; turn++) {
        const pick = <T>(values: readonly T[], by: number): T => values[(turn + by) % values.length] as T
        const shape = { codeMs, targetMs: pick(targets, l), wait: pick(waits, c), workers: 1 + ((turn + l + c) % 2) }
        const users = usersFor(load, shape)
        cases.push({ id: cases.length, users, ...shape, seconds: pick(lengths, l + 2 * c) })
      }
    }
  }
  return cases
}

type Shape = Pick<Case, 'codeMs' | 'targetMs' | 'wait' | 'workers'>

function usersFor(load: number, { codeMs, targetMs, wait, workers }: Shape): number {
  const perSecond = (load * 1_000 * workers) / (requestMs + codeMs)
  const busyMs = targetMs + codeMs
  const cycleMs =
    wait.kind === 'none' ? busyMs : wait.kind === 'constant' ? busyMs + wait.ms : Math.max(busyMs, wait.ms)
  return Math.min(mostUsersPerWorker * workers, Math.max(workers, Math.round((perSecond * cycleMs) / 1_000)))
}
