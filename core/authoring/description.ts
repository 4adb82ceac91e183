import type { Stage } from './load-stages.ts'

/** The description of a scenario file, made by loading it. Plain data: it crosses from the loading process to the planner. */
export interface ScenarioDescription {
  name: string | null
  /** null: the file has none, and `-H` must give one. */
  host: string | null
  classes: ClassDescription[]
  /** `stages` as written; `samples` of a shape function, one per second, until it gave null (`ended`) or the cap was reached. */
  load: { kind: 'none' } | { kind: 'stages'; stages: Stage[] } | { kind: 'samples'; users: number[]; ended: boolean }
  thresholds: string[]
  connections: 'per-user' | 'shared'
  hooks: { beforeRun: boolean; afterRun: boolean; onRequest: boolean }
  feeds: FeedDescription[]
  /** What the run may cost on AWS. */
  budgetUsd?: number
  warnings: string[]
}

export interface ClassDescription {
  name: string
  weight: number
  count: number | null
  tags: string[]
  /** It has no `wait`: its users run as fast as the service answers. */
  unpaced?: true
  tasks: { name: string; weight: number; tags: string[] }[]
}

export interface FeedDescription {
  path: string
  rows: number
  mode: 'unique' | 'random' | 'sequential'
  recycle: boolean
  /** Names of the classes whose users share the rows of a unique() feed; empty: all users. */
  users: string[]
}
