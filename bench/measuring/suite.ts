import type { Figure } from './figure.ts'

export interface SuiteOptions {
  /** Interleaved pairs. */
  rounds: number
  /** The duration of the measurement in each run, seconds; only for suites that measure a steady state. */
  seconds: number
  /** Prints the progress. */
  say: (line: string) => void
}

/** Measures one subject. */
export type Suite = (options: SuiteOptions) => Promise<Figure[]>
