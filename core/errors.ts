/**
 * Every way a run can end, as the exit code of the CLI. The numbers are k6's where k6 has one, because CI scripts know them. When several
 * apply, the first one in this list after `ok` is used.
 */
export const exitCodes = {
  ok: 0,
  /** A fault of burst itself. */
  bug: 1,
  /** A flag, a file or a value from the user is not usable. */
  invalidInput: 104,
  /** The user's scenario threw while it was loaded, or its `beforeRun` did. */
  scenarioThrew: 107,
  /** The run could not be carried out: the cloud, the disk, a lost coordinator. */
  runFailed: 97,
  /** A person stopped the run. */
  stopped: 105,
  /** Something that workers counted is missing from the report. */
  incomplete: 98,
  /** The numbers prove too little of the target, and `--fail-on-inconclusive` was given. Thresholds that failed by these numbers weigh less. */
  inconclusive: 96,
  /** A threshold failed, no request succeeded, or every iteration failed. */
  thresholdFailed: 99,
} as const

export type ExitReason = keyof typeof exitCodes

/** An error that a person can act on: one sentence, where it is (in their file), and what to do next. */
export class BurstError extends Error {
  override readonly name = 'BurstError'
  readonly reason: ExitReason
  readonly hint: string | undefined
  /** `file:line` of the user's own source, where there is one. */
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

/** An input error (exit 104). */
export function invalidInput(message: string, more: { hint?: string; at?: string; cause?: unknown } = {}): BurstError {
  return new BurstError('invalidInput', message, more)
}
