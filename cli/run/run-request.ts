import type { RunOptions } from '../../core/plan/options.ts'
import type { RunObserver } from './observer.ts'
import type { UiOfRun } from './ui-of-run.ts'

/**
 * Returns the stream for the progress and the messages of a run. If stdout is reserved for the report or the summary, returns stderr, because a
 * program may read stdout.
 */
export function streamOf({ json, summary }: Pick<RunRequest, 'json' | 'summary'>): NodeJS.WriteStream {
  return json || summary === 'markdown' ? process.stderr : process.stdout
}

/** The run that the user requests. */
export interface RunRequest {
  /** The path of the scenario file. */
  file: string
  options: RunOptions
  cwd: string
  /** The folder for the files. The default is `burst-results/<run>` in `cwd`. */
  out: string | undefined
  json: boolean
  /** `markdown` to print the summary as Markdown to stdout. */
  summary?: 'markdown' | undefined
  quiet: boolean
  /** `true` to keep the store of a local run after the run has ended. burst makes the report from this store. Default: false. */
  keepStore?: boolean
  /** The page that shows the run. burst calls `began` immediately before it starts the run. */
  ui?: UiOfRun | undefined
  /** Sends the metrics of the run to monitoring systems, during the run and at its end. */
  observer?: RunObserver | undefined
}
