import type { Figure } from './figure.ts'

export interface SuiteOptions {
  /** Interleaved pairs. */
  rounds: number
  /** Measured seconds of each run, where the suite measures a steady state. */
  seconds: number
  /** Tells a person how far it is. */
  say: (line: string) => void
}

/** Measures one subject. */
export type Suite = (options: SuiteOptions) => Promise<Figure[]>
