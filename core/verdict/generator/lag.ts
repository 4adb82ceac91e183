import { Distribution } from '../../window/histograms/distribution.ts'
import type { WorkerCell } from '../../window/window.ts'

type Lags = Pick<WorkerCell, 'slice' | 'lag' | 'userLag' | 'sendLag' | 'timingError'>

/**
 * The distributions that describe the generator over a whole run. There is no distribution per attempt, because a run of hours has thousands of
 * attempts, and their distributions would fill the memory.
 */
export class GeneratorLag {
  /** The delay of each request after its planned time: one distribution per slice, for all its attempts. */
  readonly bySlice = new Map<number, Distribution>()
  readonly userLag = new Distribution()
  readonly sendLag = new Distribution()
  readonly timingError = new Distribution()

  /** Adds a window. Each window of a run must be added exactly once. The workers of the window are not changed. */
  see(workers: Iterable<Lags>): void {
    for (const { slice, lag, userLag, sendLag, timingError } of workers) {
      const known = this.bySlice.get(slice) ?? new Distribution()
      this.bySlice.set(slice, known)
      known.add(lag)
      this.userLag.add(userLag)
      this.sendLag.add(sendLag)
      this.timingError.add(timingError)
    }
  }

  /** The lag of all requests of the run. */
  get all(): Distribution {
    const all = new Distribution()
    for (const lag of this.bySlice.values()) all.add(lag)
    return all
  }

  /** Returns an independent copy in the same state. */
  copy(): GeneratorLag {
    const copy = new GeneratorLag()
    for (const [slice, lag] of this.bySlice) copy.see([{ ...noLags(), slice, lag }])
    for (const name of ['userLag', 'sendLag', 'timingError'] as const) copy[name].add(this[name])
    return copy
  }
}

/** Removes the distributions from a worker after its window was added. */
export function dropLags(worker: WorkerCell): void {
  Object.assign(worker, noLags())
}

function noLags(): Omit<Lags, 'slice'> {
  const none = (): Distribution => new Distribution()
  return { lag: none(), userLag: none(), sendLag: none(), timingError: none() }
}
