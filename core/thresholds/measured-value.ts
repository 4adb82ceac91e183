import { apart, measured } from '../words.ts'
import { parseThreshold } from './threshold.ts'

interface MeasuredThreshold {
  expression: string
  value: number
  unit: string
}

/**
 * Formats the measured value of a threshold with enough digits to distinguish the value from the limit. For example, formats 1.0004 s as `1.0004 s`
 * if the limit is 1 s, and otherwise as `1 s`.
 */
export function measuredValue({ expression, value, unit }: MeasuredThreshold): string {
  const plain = measured(value, unit)
  const limit = limitOf(expression)
  if (limit === undefined || limit === value || measured(limit, unit) !== plain) return plain
  const isSeconds = unit === 'ms' && value >= 999.5
  const one = isSeconds ? 1000 : 1
  return `${apart(value / one, limit / one)}${isSeconds ? ' s' : unit === '/s' ? unit : ` ${unit}`}`
}

/** Returns the limit of a threshold; undefined if the threshold cannot be parsed, for example in a report that a person has edited. */
function limitOf(expression: string): number | undefined {
  try {
    return parseThreshold(expression).limit
  } catch {
    return undefined
  }
}
