import type { RunOptions } from '../../core/plan/options.ts'
import type { RunObserver } from './observer.ts'
import type { UiOfRun } from './ui-of-run.ts'

/** A requested run. */
export interface RunRequest {
  /** The scenario. */
  file: string
  options: RunOptions
  cwd: string
  /** Folder for the files; default `burst-results/<run>` in `cwd`. */
  out: string | undefined
  json: boolean
  quiet: boolean
  /** `true` to keep the data from which the report was made. Default: false. */
  keepStore?: boolean
  /** The page that shows the run. burst notifies it when the run has begun. */
  ui?: UiOfRun | undefined
  /** Is called with the metrics while the run is in progress. */
  observer?: RunObserver | undefined
}
