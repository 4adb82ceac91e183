import type { ExitReason } from '../errors.ts'

/** One reason for the result of a run. */
export interface Finding {
  /** The exit code that the finding causes. */
  reason: ExitReason
  /** The result of the run if this finding determines the result; null if the finding does not affect the result. */
  result: 'failed' | 'inconclusive' | null
  sentence: string
  /** `true` if the target itself failed. In this case, doubts about the generator or the load do not change the result. */
  certain?: boolean
  /** `true` if this finding is listed first, even if another finding determines the result. Example: no request succeeded. */
  foremost?: boolean
}
