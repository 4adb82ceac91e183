import type { JudgedSecond, WorkerCell } from '../../window/window.ts'
import { tolerated } from './rule.ts'

/** The counts of requests by which the generator is judged. They are the counts of one second of a worker, of some windows, or of the whole run. */
export type Judged = JudgedSecond

function noJudged(): Judged {
  return { requests: 0, late: 0, uncertain: 0 }
}

function addJudged(into: Judged, from: Judged): void {
  into.requests += from.requests
  into.late += from.late
  into.uncertain += from.uncertain
}

export interface Trouble {
  slice: number
  /** The first second of the run in which more than 1 % of the worker's requests were affected. */
  sinceS: number
  count: number
}

/** Adds up the judged requests by second and worker. The caller must add each window of a run exactly once. */
export class GeneratorWatch {
  readonly total = noJudged()
  /** The number of requests that were sent late, by the second of the run in which they ended. Seconds without late requests have no entry. */
  readonly lateBySecond = new Map<number, number>()
  /**
   * `requests` is the number of late or uncertain requests. If a worker has late and uncertain requests in the same second, only the greater of the
   * two numbers is added. For each of these requests, `busy` grows by the busy fraction of the event loop, in parts per thousand. `waiting` is
   * computed in the same way from the fraction of time in which the worker waited for a core.
   */
  readonly #affected = { requests: 0, busy: 0, waiting: 0 }
  readonly #late = new Map<number, Trouble>()
  readonly #uncertain = new Map<number, Trouble>()

  see(workers: Iterable<WorkerCell>): void {
    for (const { slice, judged, loopUtilization, coreWaitShare } of workers) {
      for (const [second, one] of judged) {
        addJudged(this.total, one)
        if (one.late > 0) this.lateBySecond.set(second, (this.lateBySecond.get(second) ?? 0) + one.late)
        const affected = Math.max(one.late, one.uncertain)
        this.#affected.requests += affected
        // Rounds to parts per thousand, because a sum of fractions would depend on the order of the additions.
        this.#affected.busy += affected * Math.round(1000 * (one.busyShare ?? loopUtilization))
        this.#affected.waiting += affected * Math.round(1000 * (one.waitShare ?? coreWaitShare))
        note(this.#late, { slice, second, count: one.late, of: one.requests })
        note(this.#uncertain, { slice, second, count: one.uncertain, of: one.requests })
      }
    }
  }

  /** Returns an independent copy of this object. */
  copy(): GeneratorWatch {
    const copy = new GeneratorWatch()
    Object.assign(copy.#affected, this.#affected)
    addJudged(copy.total, this.total)
    for (const [second, late] of this.lateBySecond) copy.lateBySecond.set(second, late)
    for (const [slice, trouble] of this.#late) copy.#late.set(slice, trouble)
    for (const [slice, trouble] of this.#uncertain) copy.#uncertain.set(slice, trouble)
    return copy
  }

  /**
   * Returns the fraction (0–1) of time in which the event loops were busy in the seconds with late or uncertain requests; null when there were no
   * such requests. A second with many such requests has a greater weight.
   */
  get busyShare(): number | null {
    const { requests, busy } = this.#affected
    return requests === 0 ? null : busy / requests / 1000
  }

  /**
   * Returns the fraction (0–1) of time in which the workers waited for a core in the seconds with late or uncertain requests; null when there were no
   * such requests. A second with many such requests has a greater weight.
   */
  get waitShare(): number | null {
    const { requests, waiting } = this.#affected
    return requests === 0 ? null : waiting / requests / 1000
  }

  /**
   * The workers with at least one second in which more than 1 % of requests were sent late. The worker with the most late requests in such seconds
   * comes first.
   */
  get late(): Trouble[] {
    return worstFirst(this.#late)
  }

  /**
   * The workers with at least one second in which more than 1 % of latencies were uncertain. The worker with the most uncertain latencies in such
   * seconds comes first.
   */
  get uncertain(): Trouble[] {
    return worstFirst(this.#uncertain)
  }
}

function note(
  troubles: Map<number, Trouble>,
  { slice, second, count, of }: { slice: number; second: number; count: number; of: number },
): void {
  if (count <= tolerated * of) return
  const known = troubles.get(slice)
  troubles.set(slice, {
    slice,
    sinceS: Math.min(known?.sinceS ?? second, second),
    count: (known?.count ?? 0) + count,
  })
}

function worstFirst(troubles: ReadonlyMap<number, Trouble>): Trouble[] {
  return [...troubles.values()].toSorted((a, b) => b.count - a.count || a.slice - b.slice)
}
