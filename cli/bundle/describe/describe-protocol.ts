import type { ExitReason } from '../../../core/errors.ts'
import type { ScenarioDescription } from '../../../core/authoring/description.ts'
import type { WatchedRead } from './watched-reads.ts'

/** The input of the process that describes a scenario: its only argument, as JSON. */
export interface DescribeTask {
  /** The path of the bundle. */
  module: string
  /** The folder to which the paths of `csv()` and `json()` are relative. */
  folder: string
  /** The folder of `--files`; null without it. */
  filesFolder: string | null
  /** After this time, the process ends itself, because its parent may have ended. Milliseconds. */
  limitMs: number
  /** Environment variables of the process that come from an environment file. */
  envNames: string[]
}

/** The result of the process, which the process sends once. */
export type DescribeAnswer = DescribeSuccess | DescribeFailure

export interface DescribeSuccess {
  ok: true
  description: ScenarioDescription
  /** The files that `csv()` and `json()` read, by the path in the call. */
  files: Map<string, string>
  /** The files that the scenario's own code and its packages read. */
  reads: WatchedRead[]
  /** The stack of the first `Math.random()` while loading; null if there was none. */
  randomStack: string | null
}

export interface DescribeFailure {
  ok: false
  /** Null if the error is not a BurstError. In that case the scenario's own code threw it. */
  reason: ExitReason | null
  message: string
  hint: string | null
  stack: string
}
