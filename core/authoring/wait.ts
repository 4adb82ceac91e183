import { type Duration, durationMs } from '../duration.ts'
import { invalidInput } from '../errors.ts'

/** How long a user pauses after each task. Stateless: one value may serve every user of a class. */
export type Wait =
  | { readonly kind: 'between'; readonly lowMs: number; readonly highMs: number }
  | { readonly kind: 'pacing'; readonly everyMs: number; readonly catchUp: boolean }
  | (() => number | Duration)

/** A pause drawn evenly from `low` to `high` (Locust's `between`). */
export function between(low: Duration, high: Duration): Wait {
  const [lowMs, highMs] = [durationMs(low, 'between()'), durationMs(high, 'between()')]
  if (lowMs > highMs) throw invalidInput(`between('${low}', '${high}') has its limits the wrong way round`)
  return { kind: 'between', lowMs, highMs }
}

/** Always the same pause. */
export function constant(pause: Duration): Wait {
  const ms = durationMs(pause, 'constant()')
  return { kind: 'between', lowMs: ms, highMs: ms }
}

export interface PacingOptions {
  /** Run overdue iterations back to back (at most 60 s of them); false drops them, as Locust does. Default true. */
  catchUp?: boolean
}

/** One iteration each `every`, on a fixed grid, however long the iteration takes. */
export function pacing(every: Duration, options: PacingOptions = {}): Wait {
  return grid(durationMs(every, 'pacing()'), options)
}

/** At most `perSecond` iterations per second and user: `pacing` of 1/perSecond. */
export function throughput(perSecond: number, options: PacingOptions = {}): Wait {
  return grid(1000 / perSecond, options)
}

function grid(everyMs: number, options: PacingOptions): Wait {
  if (!(everyMs > 0 && Number.isFinite(everyMs))) {
    throw invalidInput('pacing() and throughput() need a number above 0')
  }
  return { kind: 'pacing', everyMs, catchUp: options.catchUp ?? true }
}
