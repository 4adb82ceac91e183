/**
 * The exit codes of the command line, one for each way in which a run can end. If k6 has an exit code for the same case, burst uses the same number,
 * because existing CI scripts may check this number. If several codes other than `ok` apply, burst uses the first of them in this list.
 */
export const exitCodes = {
  ok: 0,
  /** A bug in burst. */
  bug: 1,
  /** A flag, a file or a value that the user provided is invalid. */
  invalidInput: 104,
  /**
   * The scenario threw an error while burst loaded the scenario, or one of these hooks threw an error: `beforeRun`, `afterRun`, or `onEvent` at the
   * start or the end of the run.
   */
  scenarioThrew: 107,
  /** The run could not be carried out, for example because AWS failed, the disk was full or the coordinator was lost. */
  runFailed: 97,
  /** A person stopped the run. */
  stopped: 105,
  /** Some counts of the workers are missing from the report, or a search ended without a clear result. */
  incomplete: 98,
  /**
   * The run is inconclusive, and `--fail-on-inconclusive` is set. This code takes precedence over failed thresholds, because the measurements may not
   * be reliable.
   */
  inconclusive: 96,
  /**
   * A threshold failed, a rule of `abortOn` stopped the run, the first step of a search broke a threshold, no request succeeded, or every iteration
   * failed.
   */
  thresholdFailed: 99,
} as const

export type ExitReason = keyof typeof exitCodes

/**
 * An error that burst explains to the person who uses burst. It has an exit code, a message of one sentence, and often a location in the user's
 * source and a hint.
 */
export class BurstError extends Error {
  override readonly name = 'BurstError'
  readonly reason: ExitReason
  readonly hint: string | undefined
  /** `file:line` in the user's source, if known. */
  readonly at: string | undefined

  constructor(reason: ExitReason, message: string, more: { hint?: string; at?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.reason = reason
    this.hint = more.hint
    this.at = more.at
  }

  get exitCode(): number {
    return exitCodes[this.reason]
  }
}

/** Returns an input error (exit 104). */
export function invalidInput(message: string, more: { hint?: string; at?: string; cause?: unknown } = {}): BurstError {
  return new BurstError('invalidInput', message, more)
}
