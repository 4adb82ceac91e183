import type { Report } from '../report.ts'

/** What the page of `burst ui` and its server say to each other, beside reports. */

/** What is wrong with one field of a form, or with the whole of it (`form`), in the sentence of the terminal. */
export interface FieldError {
  field: string
  message: string
  hint?: string
  /** `file:line` in the user's file. */
  at?: string
}

/** What the page may offer. */
export interface UiSetup {
  /** Files that can be started, as they are named in the folder. */
  scenarios: string[]
  places: { key: 'local' | 'aws'; name: string }[]
  /** False: the page only shows runs. */
  mayStart: boolean
}

/** What a form needs to know of a scenario. */
export interface ScenarioFacts {
  file: string
  host: string
  classes: { name: string; weight: number; count: number | null }[]
  tags: string[]
  /** The file has arrivals: their rate is what is given, and not users. */
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
  /** `running`, how it ended, or `lost`: it ended without a report. */
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

/** The runs that there are. */
export interface RunList {
  /** The newest first. */
  runs: RunEntry[]
  /** Why the runs on AWS are missing, or as they were when AWS last answered. */
  problem?: FieldError
}
