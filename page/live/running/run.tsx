import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { FieldError } from '../../../core/ui.ts'
import { App, useTheme, useView } from '../../app.tsx'
import type { RunModel } from '../../model.ts'
import { ReportPage } from '../../report.tsx'
import { LiveHead, Trouble } from './live-head.tsx'
import type { LiveView } from './live-model.ts'
import { Problems } from '../problems.tsx'
import { Stopping } from './stopping.tsx'
import { useRun } from './stream.ts'

export interface RunProps {
  run: string
  go: (run: string | null) => void
}

/** One run: live while it goes on, and its saved report from then on. */
export function Run({ run }: RunProps): JSX.Element {
  const state = useRun(run)
  if (state.kind === 'failed') return <Broken run={run} errors={state.errors} />
  if (state.kind === 'waiting') {
    return (
      <section class="waiting" aria-live="polite">
        <h1>{run}</h1>
        <p class="calm">Starting: its first figures come in a moment.</p>
        {state.trouble && <Trouble of={state.trouble} />}
        <Stopping run={run} />
      </section>
    )
  }
  return state.kind === 'live' ? <LiveRun run={run} {...state} /> : <Saved run={run} model={state.model} />
}

function Broken({ run, errors }: { run: string; errors: readonly FieldError[] }): JSX.Element {
  return (
    <section class="waiting">
      <h1>{run}</h1>
      <Problems errors={errors} />
    </section>
  )
}

interface LiveRunProps extends LiveView {
  run: string
  isCut: boolean
  trouble: FieldError | null
}

function LiveRun({ run, model, live, isCut, trouble }: LiveRunProps): JSX.Element {
  const [view, change] = useView()
  useTitle(`● ${model.report.run.name}`)
  const head = (
    <LiveHead report={model.report} live={live} isCut={isCut} trouble={trouble}>
      <Stopping run={run} isStopping={live.stopping !== null} />
    </LiveHead>
  )
  return <ReportPage model={model} view={view} change={change} theme={useTheme()} head={head} />
}

const signs = { passed: '✓', failed: '✗', inconclusive: '?', unjudged: '•' }
const files: [file: string, name: string][] = [
  ['report.html', 'Report'],
  ['stats.csv', 'CSV per name'],
  ['history.csv', 'CSV over time'],
  ['failures.csv', 'CSV of failures'],
  ['report.json', 'JSON'],
]

function Saved({ run, model }: { run: string; model: RunModel }): JSX.Element {
  useTitle(`${signs[model.report.verdict.result]} ${model.report.run.name}`)
  return (
    <>
      <p class="downloads">
        Download{' '}
        {files.map(([file, name]) => (
          <a href={`/api/runs/${run}/files/${file}?save`} download={`${run}-${file}`}>
            {name}
          </a>
        ))}
      </p>
      <App model={model} />
    </>
  )
}

function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} – burst`
    return () => {
      document.title = 'burst'
    }
  }, [title])
}
