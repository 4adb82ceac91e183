import type { ExitReason } from '../errors.ts'

/** One reason for the result of a run. */
export interface Finding {
  /** Determines the exit code. */
  reason: ExitReason
  /** The run's result if this finding decides; null if it cannot decide. */
  result: 'failed' | 'inconclusive' | null
  sentence: string
  /** Whether the target itself failed; then doubts about the generator or the load do not change the result. */
  certain?: boolean
  /**
   * Whether this finding is listed before the others even if the result rests on another finding, for example because no part of the work
   * succeeded.
   */
  foremost?: boolean
}
