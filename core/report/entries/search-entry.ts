import * as v from 'valibot'
import { amount, count, described, length, share, threshold } from '../../verdict/results.ts'

const stepEntry = v.object({
  level: described(amount, 'The tried load: users, or arrivals per second.'),
  fromS: described(amount, 'The beginning of the measured span in seconds since the start.'),
  toS: amount,
  requests: count,
  failures: count,
  failureShare: share,
  p95Ms: length,
  result: described(
    v.picklist(['held', 'broke', 'unclear']),
    'unclear: the step allows no conclusion about the target.',
  ),
  note: described(
    v.nullable(v.string()),
    'The reason why the step broke a threshold or is unclear; null if the results of the thresholds show the reason.',
  ),
  thresholds: v.array(threshold),
})
export type StepEntry = v.InferOutput<typeof stepEntry>

/** The search for the highest load. */
export const searchEntry = v.object({
  unit: v.picklist(['users', 'arrivals/s']),
  start: amount,
  max: amount,
  precisionShare: described(
    share,
    'The required precision. The search ends when `broke` is at most (1 + `precisionShare`) × `held`.',
  ),
  until: described(v.array(v.string()), 'The thresholds of the search.'),
  result: described(v.picklist(['found', 'broke', 'unclear']), 'broke: the first step broke a threshold.'),
  held: described(v.nullable(amount), 'The highest load at which the thresholds held.'),
  broke: described(v.nullable(amount), 'The lowest load that broke a threshold.'),
  steps: v.array(stepEntry),
})
