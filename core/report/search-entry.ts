import * as v from 'valibot'
import { amount, count, described, length, share, threshold } from '../verdict/results.ts'

const stepEntry = v.object({
  level: described(amount, 'Users, or arrivals per second.'),
  fromS: described(amount, 'What was measured, seconds since the start.'),
  toS: amount,
  requests: count,
  failures: count,
  failureShare: share,
  p95Ms: length,
  result: described(v.picklist(['held', 'broke', 'unclear']), 'unclear: the step says nothing about the target.'),
  note: described(v.nullable(v.string()), 'Why it broke or is unclear, where the thresholds do not say it.'),
  thresholds: v.array(threshold),
})
export type StepEntry = v.InferOutput<typeof stepEntry>

/** The search of a run for its highest load. */
export const searchEntry = v.object({
  unit: v.picklist(['users', 'arrivals/s']),
  start: amount,
  max: amount,
  precisionShare: described(
    share,
    'How far the lowest load that broke may be above the highest that held, as a share of it.',
  ),
  until: described(v.array(v.string()), 'What a load had to hold.'),
  result: described(v.picklist(['found', 'broke', 'unclear']), 'broke: the first step broke.'),
  held: described(v.nullable(amount), 'The highest load that held.'),
  broke: described(v.nullable(amount), 'The lowest load that broke.'),
  steps: v.array(stepEntry),
})
