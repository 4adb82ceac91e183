import type { ExitReason } from '../errors.ts'

/** One reason for the result of a run. */
export interface Finding {
  /** Determines the exit code. */
  reason: ExitReason
  /** The result of the run if this finding determines it; null if the finding does not affect the result. */
  result: 'failed' | 'inconclusive' | null
  sentence: string
  /** Whether the target itself failed. Doubts about the generator or the load then do not change the result. */
  certain?: boolean
  /**
   * Whether this finding is listed first even if another finding determines the result, for example the finding that no request succeeded.
   */
  foremost?: boolean
}
