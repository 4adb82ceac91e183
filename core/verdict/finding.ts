import type { ExitReason } from '../errors.ts'

/** One reason for the result of a run. */
export interface Finding {
  /** The exit code that the finding causes. `ok`: the finding changes the exit code only in a run with `--fail-on-inconclusive`. */
  reason: ExitReason
  /** The result of the run if this finding determines the result; null if the finding does not affect the result. */
  result: 'failed' | 'inconclusive' | null
  sentence: string
  /**
   * `true` if the failure is certain: the generator did not cause the failure. In this case, the result of the run is `failed`, even if there are
   * doubts about the generator, the load or the completeness of the counts. Default false.
   */
  certain?: boolean
  /**
   * `true` if this finding comes early in the list: after a failure of the run itself, and before the findings that determine the result.
   * Example: the finding that no request succeeded. Default false.
   */
  foremost?: boolean
}
