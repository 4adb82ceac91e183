import type { Figure } from './figure.ts'

export interface SuiteOptions {
  /** Interleaved pairs. */
  rounds: number
  /** The measured seconds of each run, in suites that measure a steady state. */
  seconds: number
  /** Reports the progress to a person. */
  say: (line: string) => void
}

/** Measures one subject. */
export type Suite = (options: SuiteOptions) => Promise<Figure[]>
