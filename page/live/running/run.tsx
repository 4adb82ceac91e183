import type { ComponentChildren, JSX } from 'preact'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { App, useTheme, useView } from '../../app.tsx'
import { Section, Sentences } from '../../figure.tsx'
import type { RunModel } from '../../model/model.ts'
import { ReportPage } from '../../report.tsx'
import { Problems } from '../problems.tsx'
import { useTitle } from '../title.ts'
import { Downloads } from './downloads.tsx'
import { LiveHead, Trouble } from './live-head.tsx'
import { Output } from './printed.tsx'
import type { LiveView } from './live-model.ts'
import type { Printed } from '../../../core/report/live/printed.ts'
import { Pausing } from './pausing.tsx'
import { Scaling } from './scaling.tsx'
import { Stopping } from './stopping.tsx'
import { useRun } from './stream.ts'

/** Shows a run: the live view while the run is in progress, and then the report. */
export function Run({ run }: { run: string }): JSX.Element {
  const state = useRun(run)
  if (state.kind === 'failed') return <Broken run={run} errors={state.errors} />
  if (state.kind === 'waiting') {
    return (
      <Waiting
        run={run}
        sentence="The page waits for the first values of the run. They appear a few seconds after the start of the run."
      >
        {state.trouble && <Trouble of={state.trouble} />}
        <Stopping run={run} />
      </Waiting>
    )
  }
  if (state.kind === 'loading') return <Waiting run={run} sentence="The run has ended. The page loads its report." />
  return state.kind === 'live' ? <LiveRun run={run} {...state} /> : <Saved run={run} model={state.model} />
}

interface WaitingProps {
  run: string
  sentence: string
  children?: ComponentChildren
}

function Waiting({ run, sentence, children }: WaitingProps): JSX.Element {
  return (
    <section class="waiting" aria-live="polite">
      <h1>{run}</h1>
      <p class="calm">{sentence}</p>
      {children}
    </section>
  )
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
  printed: Printed
}

function LiveRun({ run, model, live, isCut, trouble, printed }: LiveRunProps): JSX.Element {
  const [view, change] = useView()
  useTitle(`● ${model.report.run.name}`)
  const head = (
    <LiveHead
      report={model.report}
      live={live}
      isCut={isCut}
      trouble={trouble}
      files={model.buckets > 0 && <Downloads run={run} isInProgress />}
    >
      <div class="actions">
        {live.stopping === null && (
          <>
            <Scaling run={run} model={model.report.run.plan.model} users={live.plannedUsers} />
            <Pausing run={run} pause={live.pause} />
          </>
        )}
        <Stopping run={run} isStopping={live.stopping !== null} />
      </div>
    </LiveHead>
  )
  const output = <Output report={model.report} printed={printed} />
  if (model.buckets === 0) return <Awaited head={head} words={model.report.run.plan.words} output={output} />
  return <ReportPage model={model} view={view} change={change} theme={useTheme()} head={head} output={output} />
}

/** Shows the plan until the first second of the run has been counted. Before that, the page has no values to show. */
function Awaited({
  head,
  words,
  output,
}: {
  head: JSX.Element
  words: readonly string[]
  output: JSX.Element
}): JSX.Element {
  return (
    <>
      {head}
      <Section id="plan" title="Plan">
        <Sentences of={words} />
        <p class="calm">The values appear here after the first second of load.</p>
      </Section>
      {output}
    </>
  )
}

const signs = { passed: '✓', failed: '✗', inconclusive: '?', unjudged: '•' }

function Saved({ run, model }: { run: string; model: RunModel }): JSX.Element {
  useTitle(`${signs[model.report.verdict.result]} ${model.report.run.name}`)
  return <App model={model} files={<Downloads run={run} />} />
}
