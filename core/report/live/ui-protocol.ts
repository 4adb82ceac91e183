import type { Report } from '../report.ts'

/** The messages between the page of `burst ui` and its server, except for reports. */

/** An error in one field of a form, or in the whole form (`form`). The message is the same as in the terminal. */
export interface FieldError {
  field: string
  message: string
  hint?: string
  /** `file:line` in the user's file. */
  at?: string
}

/** The scenario files, and the features of the page that are available. */
export interface UiSetup {
  /** The names of the scenario files in the folder. */
  scenarios: string[]
  places: { key: 'local' | 'aws'; name: string }[]
  /** `false`: the page only shows runs and cannot start a run. */
  mayStart: boolean
}

/** The facts about a scenario that the form needs. */
export interface ScenarioFacts {
  file: string
  host: string
  classes: { name: string; weight: number; count: number | null }[]
  tags: string[]
  /** `true` if the load of the scenario consists of arrivals. The form then has a field for the rate instead of the field for users. */
  isOpen: boolean
  warnings: string[]
}

/** A plan that the page shows before the start. */
export interface PlanStatement {
  words: string[]
  notes: string[]
  price: string
}

/** A run in the list of runs. */
export interface RunEntry {
  run: string
  name: string
  where: 'local' | 'aws'
  /** The state of the run: `running`, the result of the verdict, or `lost` for a run that ended without a report. */
  state: 'running' | 'lost' | Report['verdict']['result']
  /** Epoch milliseconds. */
  startedAt: number
  host: string
  /** The maximum number of users that are planned for the same time. In a run with arrivals: the size of the pool. */
  users: number
  /** This value and the following values are null if the run has no report. */
  requests: number | null
  failures: number | null
  /** The 95th percentile of the latency of all requests, in milliseconds; also null if no latency was measured. */
  p95: number | null
  tookMs: number | null
}

/** The maximum number of unreadable reports that `RunList` names. */
export const unreadableCap = 20

/** All known runs. */
export interface RunList {
  /** Ordered from the newest run to the oldest. */
  runs: RunEntry[]
  /**
   * The unreadable reports in the folder, which are not in `runs`. `files` lists at most `unreadableCap` of these reports, and `more` is the number
   * of reports that are not listed.
   */
  unreadable?: { files: { file: string; why: string }[]; more: number }
  /** The reason why the list does not contain the runs on AWS, or why the listed runs on AWS come from an earlier request to AWS. */
  problem?: FieldError
}
