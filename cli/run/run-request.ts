import type { RunOptions } from '../../core/plan/options.ts'
import type { UiOfRun } from './ui-of-run.ts'

/** A run, as a person asked for it. */
export interface RunRequest {
  /** The scenario. */
  file: string
  options: RunOptions
  cwd: string
  /** Folder for the files; default `burst-results/<run>` in `cwd`. */
  out: string | undefined
  json: boolean
  quiet: boolean
  /** Keep what the report was made of. Default: false. */
  keepStore?: boolean
  /** The page of the run, which is told when the run has begun. */
  ui?: UiOfRun | undefined
}
