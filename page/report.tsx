import type { ComponentChildren, JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { Stack } from './charts/stack.tsx'
import type { RunModel } from './model/model.ts'
import { Evidence } from './sections/verdict/evidence.tsx'
import { Failures } from './sections/failures.tsx'
import { Goals, Journeys } from './sections/verdict/goals.tsx'
import { Keys } from './sections/keys.tsx'
import { Load } from './sections/load.tsx'
import { Meaning } from './sections/meaning.tsx'
import { Name } from './sections/name.tsx'
import { Names } from './sections/names.tsx'
import { Search } from './sections/search.tsx'
import { Selection } from './sections/selection.tsx'
import { Verdict } from './sections/verdict/verdict.tsx'
import { type Figures, figuresOf } from './model/statistics.ts'
import type { View } from './view.ts'

export interface ReportProps {
  model: RunModel
  view: View
  change: (view: Partial<View>) => void
  theme: string
  /** The content beside the name of the run. */
  files?: JSX.Element
  /** The content beside the fields that select a span. */
  tools?: ComponentChildren
  /** The content below the verdict. */
  aside?: ComponentChildren
  /** The content that is shown instead of the verdict while the run is in progress. */
  head?: JSX.Element
  /** The output of the scenario, which is shown while the run is in progress. */
  output?: JSX.Element
}

/** Shows the whole page with the report of a run that is in progress or finished. */
export function ReportPage(props: ReportProps): JSX.Element {
  const { model, view, change, theme, files, tools, aside, head, output } = props
  const span =
    view.span && view.span.from < model.buckets ? { ...view.span, to: Math.min(view.span.to, model.buckets) } : null
  const figures = useMemo(() => figuresOf(model, span), [model, span?.from, span?.to])
  const opened = figures.find(({ method, name, index }) => index >= 0 && `${method} ${name}` === view.open)
  const select = (next: View['span']): void => change({ span: next })
  return (
    <>
      {head ?? <Verdict model={model} files={files} />}
      {aside}
      <Keys model={model} span={span} all={figures[0] as Figures} />
      <Selection model={model} span={span} select={select} tools={tools} />
      <Stack model={model} span={span} select={select} theme={theme} />
      <Search report={model.report} />
      {opened && <Name model={model} span={span} figures={opened} theme={theme} close={() => change({ open: null })} />}
      <Names model={model} span={span} figures={figures} view={view} change={change} />
      <Failures model={model} span={span} />
      {output}
      <Goals report={model.report} />
      <Journeys report={model.report} />
      <Load report={model.report} />
      <Evidence report={model.report} isInProgress={head !== undefined} />
      <Meaning />
    </>
  )
}
