import type { RunModel } from './model.ts'

/** A part of a run's time: buckets `from` to `to`, the latter not included. */
export interface Span {
  from: number
  to: number
}

/** Spans that people ask for often. */
export interface Preset {
  name: string
  /** null: the whole run. */
  span: Span | null
}

/** The presets that differ from each other in this run. */
export function presetsOf(model: RunModel): Preset[] {
  const presets: Preset[] = [{ name: 'Whole run', span: null }]
  const steady = steadySpan(model)
  if (steady) presets.push({ name: 'Without ramps', span: steady })
  const minute = Math.ceil(60 / model.stepS)
  if (model.buckets > minute)
    presets.push({ name: 'Last minute', span: { from: model.buckets - minute, to: model.buckets } })
  return presets
}

/** From the first to the last bucket with the most planned users; undefined where that is the whole run or less than two buckets. */
function steadySpan({ report: { seconds }, stepS, buckets }: RunModel): Span | undefined {
  const planned = seconds.map((second) => second.plannedUsers)
  const most = Math.max(0, ...planned)
  if (most === 0) return undefined
  const from = Math.ceil(planned.indexOf(most) / stepS)
  const to = Math.floor((planned.lastIndexOf(most) + 1) / stepS)
  const isPart = to - from >= 2 && (from > 0 || to < buckets)
  return isPart ? { from, to } : undefined
}

export function sameSpan(a: Span | null, b: Span | null): boolean {
  return a?.from === b?.from && a?.to === b?.to
}

/** A span that lies in the run and is at least one bucket long; null when nothing of it does. */
export function spanWithin({ buckets }: Pick<RunModel, 'buckets'>, from: number, to: number): Span | null {
  const span = { from: Math.max(0, Math.floor(from)), to: Math.min(buckets, Math.ceil(to)) }
  return span.to > span.from ? span : null
}
