import type { ExitReason } from '../errors.ts'

/** One reason for the result of a run. */
export interface Finding {
  /** Gives the exit code. */
  reason: ExitReason
  /** The run's result if this finding decides; null if it cannot decide. */
  result: 'failed' | 'inconclusive' | null
  sentence: string
  /** The target itself failed: doubts about the generator or the load do not change the result. */
  certain?: boolean
  /** No part of the work succeeded: read before what speaks against the numbers, whichever of them the result rests on. */
  foremost?: boolean
}
