import type { ExitReason } from '../errors.ts'

/** One thing that speaks for or against a run. */
export interface Finding {
  /** Gives the exit code. */
  reason: ExitReason
  /** What the run's result is if this is the finding that decides; null: it decides nothing. */
  result: 'failed' | 'inconclusive' | null
  sentence: string
  /** The target itself failed: no doubt about the generator or the load excuses it. */
  certain?: boolean
}
