import { plateauOf } from '../../core/compare/plateau.ts'
import type { RunModel } from './model.ts'

/** A part of a run's time: the buckets from `from` up to, but not including, `to`. */
export interface Span {
  from: number
  to: number
}

/** A span that people often select, with its name. */
export interface Preset {
  name: string
  /** The buckets of the span; null for the whole run. */
  span: Span | null
}

/** Returns the presets for this run: first the whole run, then those presets that differ from the whole run. */
export function presetsOf(model: RunModel): Preset[] {
  const presets: Preset[] = [{ name: 'Whole run', span: null }]
  const steady = steadySpan(model)
  if (steady) presets.push({ name: 'Without ramps', span: steady })
  const minute = Math.ceil(60 / model.stepS)
  if (model.buckets > minute)
    presets.push({ name: 'Last minute', span: { from: model.buckets - minute, to: model.buckets } })
  return presets
}

/** Returns the span of the run without ramp-up and ramp-down. Returns undefined if this span is the whole run, or is shorter than two buckets. */
function steadySpan({ report, buckets }: RunModel): Span | undefined {
  const plateau = plateauOf(report)
  if (!plateau || plateau.to - plateau.from < 2) return undefined
  return plateau.from > 0 || plateau.to < buckets ? plateau : undefined
}

export function sameSpan(a: Span | null, b: Span | null): boolean {
  return a?.from === b?.from && a?.to === b?.to
}

/** Returns the buckets of the run that lie completely or partly between `from` and `to`. Returns null if the run has no such buckets. */
export function spanWithin({ buckets }: Pick<RunModel, 'buckets'>, from: number, to: number): Span | null {
  const span = { from: Math.max(0, Math.floor(from)), to: Math.min(buckets, Math.ceil(to)) }
  return span.to > span.from ? span : null
}
