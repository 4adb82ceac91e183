import type { Figure } from './figure.ts'

export interface SuiteOptions {
  /** The number of rounds. Each round measures the subject and its baseline, one directly after the other. */
  rounds: number
  /** The duration of the measurement in each run, in seconds. Only the suites `engine` and `arrivals` use this option. */
  seconds: number
  /** Prints the progress. */
  say: (line: string) => void
}

/** A suite: measures one subject and returns its measurements. */
export type Suite = (options: SuiteOptions) => Promise<Figure[]>
