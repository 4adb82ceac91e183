import type { ExitReason } from '../../../core/errors.ts'
import type { ScenarioDescription } from '../../../core/authoring/description.ts'
import type { WatchedRead } from './watched-reads.ts'

/** What the describing process is given, as its only argument (JSON). */
export interface DescribeTask {
  /** The bundle, a file. */
  module: string
  /** Folder that the paths of `csv()` and `json()` are relative to. */
  folder: string
  /** After this the process ends itself, because its parent may be gone. */
  limitMs: number
  /** Variables of the process that come from an environment file. */
  envNames: string[]
}

/** What it answers, once. */
export type DescribeAnswer = DescribeSuccess | DescribeFailure

export interface DescribeSuccess {
  ok: true
  description: ScenarioDescription
  /** What `csv()` and `json()` read, by path as written. */
  files: Map<string, string>
  /** What the scenario's own code and its packages read. */
  reads: WatchedRead[]
  /** Stack of the first `Math.random()` while loading, if there was one. */
  randomStack: string | null
}

export interface DescribeFailure {
  ok: false
  /** Absent when it is not a BurstError: then the scenario's own code threw. */
  reason: ExitReason | null
  message: string
  hint: string | null
  stack: string
}
