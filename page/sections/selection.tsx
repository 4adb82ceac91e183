import type { ComponentChildren, JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { moment } from '../../core/words.ts'
import { accuracyOf } from '../model/accuracy.ts'
import type { RunModel } from '../model/model.ts'
import { type Span, presetsOf, sameSpan, spanWithin } from '../model/span.ts'

export interface SelectionProps {
  model: RunModel
  span: Span | null
  select: (span: Span | null) => void
  tools?: ComponentChildren
}

/**
 * Shows the buttons and fields with which the user selects a span of the run. The key figures, the charts, the requests and the failed requests are
 * for this span. The other sections are always for the whole run.
 */
export function Selection({ model, span, select, tools }: SelectionProps): JSX.Element {
  const { stepS, buckets } = model
  const shown = span ?? { from: 0, to: buckets }
  const set = (from: number, to: number): void => {
    const next = spanWithin(model, from, to)
    if (next) select(sameSpan(next, { from: 0, to: buckets }) ? null : next)
  }
  return (
    <div class="selection" role="group" aria-label="Selected span of the run">
      {presetsOf(model).map((preset) => (
        <button type="button" aria-pressed={sameSpan(preset.span, span)} onClick={() => select(preset.span)}>
          {preset.name}
        </button>
      ))}
      <Moment label="from" at={shown.from} stepS={stepS} set={(from) => set(from, Math.max(from + 1, shown.to))} />
      <Moment label="to" at={shown.to} stepS={stepS} set={(to) => set(Math.min(shown.from, to - 1), to)} />
      {span && <Selected model={model} span={span} />}
      {tools && <span class="more">{tools}</span>}
    </div>
  )
}

function Selected({ model, span }: { model: RunModel; span: Span }): JSX.Element {
  const accuracy = useMemo(() => accuracyOf(model), [model])
  return (
    <span class="hint">
      {moment(span.from * model.stepS)}–{moment(span.to * model.stepS)} selected; Escape selects the whole run.
      Latencies are accurate to {accuracy}&nbsp;%.
    </span>
  )
}

interface MomentProps {
  label: string
  at: number
  stepS: number
  set: (bucket: number) => void
}

/** Shows a text field for a time in the run, such as `1:30`. An invalid time does not change the selection. */
function Moment({ label, at, stepS, set }: MomentProps): JSX.Element {
  return (
    <label>
      {label}{' '}
      <input
        value={moment(at * stepS)}
        size={6}
        inputMode="numeric"
        onChange={(event) => {
          const seconds = secondsIn(event.currentTarget.value)
          if (seconds === null) event.currentTarget.value = moment(at * stepS)
          else set(Math.round(seconds / stepS))
        }}
      />
    </label>
  )
}

/** Parses `90`, `1:30` and `0:01:30` as 90 seconds. Returns null for a text that is not a time. */
function secondsIn(text: string): number | null {
  const parts = text.trim().split(':').map(Number)
  if (parts.length > 3 || parts.some((part) => !Number.isFinite(part) || part < 0)) return null
  return parts.reduce((sum, part) => sum * 60 + part, 0)
}
