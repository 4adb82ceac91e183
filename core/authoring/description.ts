import type { AbortRule } from '../thresholds/abort-rule.ts'
import type { FindWish } from '../thresholds/find-wish.ts'
import type { Network, WishedProxies } from '../hosts/network.ts'
import type { Stage } from './load-stages.ts'

/** The description of a scenario file as plain data. A separate process loads the file and sends the description to the planner. */
export interface ScenarioDescription {
  name: string | null
  /** Null if the file has no host; `-H` is then required. */
  host: string | null
  classes: ClassDescription[]
  /**
   * `stages`: the stages in the file. `samples`: the values of a shape function, one per second. If the function returned null, the samples end
   * there, and `ended` is true. Otherwise, the samples end at the maximum number of samples, and `ended` is false.
   */
  load: { kind: 'none' } | { kind: 'stages'; stages: Stage[] } | { kind: 'samples'; users: number[]; ended: boolean }
  thresholds: string[]
  /** Default: none. */
  abortOn?: AbortRule[]
  /** Default: none. */
  find?: FindWish | undefined
  connections: 'per-user' | 'shared'
  /** `true` if the scenario turns off the verification of certificates. Default false. */
  insecure?: true
  /** The address family, the DNS settings and the source address of connections. The proxy is described separately. */
  network?: Network
  proxy?: WishedProxies
  /**
   * `beforeRun` is `true` if the scenario has the hook `beforeRun` or the hook `onEvent`. `afterRun` is `true` if the scenario has the hook
   * `afterRun` or the hook `onEvent`. `onEvent` is `true` if the scenario has the hook `onEvent`, and is otherwise absent.
   */
  hooks: { beforeRun: boolean; afterRun: boolean; onRequest: boolean; onEvent?: true }
  feeds: FeedDescription[]
  /** The highest cost of the run on AWS, in US dollars. Default: no limit. */
  budgetUsd?: number
  warnings: string[]
}

export interface ClassDescription {
  name: string
  weight: number
  count: number | null
  tags: string[]
  /** `true` if the class has no `wait`. Its users then send requests as fast as the service answers. */
  unpaced?: true
  tasks: { name: string; weight: number; tags: string[] }[]
}

export interface FeedDescription {
  path: string
  rows: number
  mode: 'unique' | 'random' | 'sequential'
  recycle: boolean
  /** The names of the classes whose users share the rows of a `unique()` feed. An empty list means all classes. */
  users: string[]
}
