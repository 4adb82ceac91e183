import { Distribution } from '../../window/histograms/distribution.ts'
import type { WorkerCell } from '../../window/window.ts'

type Lags = Pick<WorkerCell, 'slice' | 'lag' | 'userLag' | 'sendLag' | 'timingError'>

/**
 * The distributions that describe the generator over a whole run. The class does not keep distributions per attempt, because a run of several hours
 * has thousands of attempts, and their distributions would need too much memory.
 */
export class GeneratorLag {
  /**
   * The delay of each request after its planned time, and the lag of each other action, such as a wait for a WebSocket message. Each slice has one
   * distribution for all attempts of the slice.
   */
  readonly bySlice = new Map<number, Distribution>()
  readonly userLag = new Distribution()
  readonly sendLag = new Distribution()
  readonly timingError = new Distribution()

  /** Adds a window. The caller must add each window of a run exactly once. Does not change the workers of the window. */
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

  /** Returns an independent copy of this object. */
  copy(): GeneratorLag {
    const copy = new GeneratorLag()
    for (const [slice, lag] of this.bySlice) copy.see([{ ...noLags(), slice, lag }])
    for (const name of ['userLag', 'sendLag', 'timingError'] as const) copy[name].add(this[name])
    return copy
  }
}

/** Removes the distributions from the counts of a worker. The caller must first add the window that contains these counts (`see`). */
export function dropLags(worker: WorkerCell): void {
  Object.assign(worker, noLags())
}

function noLags(): Omit<Lags, 'slice'> {
  const none = (): Distribution => new Distribution()
  return { lag: none(), userLag: none(), sendLag: none(), timingError: none() }
}
