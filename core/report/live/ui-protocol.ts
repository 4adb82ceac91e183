import type { Report } from '../report.ts'

/** The messages between the page of `burst ui` and its server, besides reports. */

/** What is wrong with one field of a form, or with the whole form (`form`), in the words of the terminal. */
export interface FieldError {
  field: string
  message: string
  hint?: string
  /** `file:line` in the user's file. */
  at?: string
}

/** What the page may offer to the person. */
export interface UiSetup {
  /** The files that can be started, by their names in the folder. */
  scenarios: string[]
  places: { key: 'local' | 'aws'; name: string }[]
  /** False: the page only shows runs. */
  mayStart: boolean
}

/** What a form needs to know about a scenario. */
export interface ScenarioFacts {
  file: string
  host: string
  classes: { name: string; weight: number; count: number | null }[]
  tags: string[]
  /** Whether the file has arrivals: then the form has a field for their rate instead of users. */
  isOpen: boolean
  warnings: string[]
}

/** A plan before the start. */
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
  /** `running`, the result, or `lost`: the run ended without a report. */
  state: 'running' | 'lost' | Report['verdict']['result']
  /** Epoch milliseconds. */
  startedAt: number
  host: string
  users: number
  requests: number | null
  failures: number | null
  p95: number | null
  tookMs: number | null
}

/** The most unreadable reports that the list of runs names. */
export const unreadableCap = 20

/** All known runs. */
export interface RunList {
  /** The newest first. */
  runs: RunEntry[]
  /** Reports of the folder that the list does not show, at most `unreadableCap`, and the number of further ones. */
  unreadable?: { files: { file: string; why: string }[]; more: number }
  /** Why the runs on AWS are missing, or come from the last successful request. */
  problem?: FieldError
}
