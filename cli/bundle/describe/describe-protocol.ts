import type { ExitReason } from '../../../core/errors.ts'
import type { ScenarioDescription } from '../../../core/authoring/description.ts'
import type { WatchedRead } from './watched-reads.ts'

/** The input of the process that describes a scenario. The process gets this input as JSON in its only argument. */
export interface DescribeTask {
  /** The path of the bundle. */
  module: string
  /** The folder to which the paths of `csv()` and `json()` are relative. */
  folder: string
  /** The folder of `--files`; null without `--files`. */
  filesFolder: string | null
  /**
   * The time limit in milliseconds. The parent process kills the process after this time. If the parent does not kill it, the process kills itself
   * one second later.
   */
  limitMs: number
  /** The names of the environment variables that come from an environment file. */
  envNames: string[]
}

/** The result of the process that describes a scenario. The process sends it once. */
export type DescribeAnswer = DescribeSuccess | DescribeFailure

export interface DescribeSuccess {
  ok: true
  description: ScenarioDescription
  /**
   * The texts of the files that `csv()` and `json()` read, and of the certificate and key files that the scenario names. The key is the path as the
   * scenario writes it.
   */
  files: Map<string, string>
  /** The files and folders that the scenario's own code and its packages read through `node:fs`. */
  reads: WatchedRead[]
  /** The stack of the first call of `Math.random()` while the scenario was loaded; null if there was no such call. */
  randomStack: string | null
}

export interface DescribeFailure {
  ok: false
  /** The reason of a BurstError; null for any other error, such as an error that the scenario's own code throws. */
  reason: ExitReason | null
  message: string
  hint: string | null
  stack: string
}
