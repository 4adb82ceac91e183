import type { ExitReason } from '../errors.ts'

/** One reason for the result of a run. */
export interface Finding {
  /** The exit code that the finding causes. `ok`: without `--fail-on-inconclusive`, the finding does not change the exit code. */
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
   * `true` if this finding is listed before the findings that determine the result. Only a failure of the run itself is listed before this finding.
   * Example of this finding: no request succeeded. Default false.
   */
  foremost?: boolean
}
