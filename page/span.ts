import { plateauOf } from '../core/compare/plateau.ts'
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

/** The run without ramp-up and ramp-down; undefined where that is the whole run or less than two buckets. */
function steadySpan({ report, buckets }: RunModel): Span | undefined {
  const plateau = plateauOf(report)
  if (!plateau || plateau.to - plateau.from < 2) return undefined
  return plateau.from > 0 || plateau.to < buckets ? plateau : undefined
}

export function sameSpan(a: Span | null, b: Span | null): boolean {
  return a?.from === b?.from && a?.to === b?.to
}

/** A span that lies in the run and is at least one bucket long; null when nothing of it does. */
export function spanWithin({ buckets }: Pick<RunModel, 'buckets'>, from: number, to: number): Span | null {
  const span = { from: Math.max(0, Math.floor(from)), to: Math.min(buckets, Math.ceil(to)) }
  return span.to > span.from ? span : null
}
