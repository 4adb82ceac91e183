import { durationMs } from '../duration.ts'
import { invalidInput } from '../errors.ts'

/** A parsed threshold, e.g. `POST /cart: p99 < 1s`. */
export interface Threshold {
  expression: string
  scope: ThresholdScope
  /**
   * `true` if the threshold judges the time from intent instead of the latency. The time from intent begins when the user was due to send the
   * request.
   */
  fromIntent: boolean
  measure: Measure
  operator: '<' | '<=' | '>' | '>='
  /** The limit, in the unit of the measure. */
  limit: number
  unit: Unit
}

export type ThresholdScope =
  | { kind: 'all' }
  /**
   * `name` is `POST /cart`, or a name without a method, which applies to all methods. If no such request was sent, it is the name of a recorded
   * sample or of a step.
   */
  | { kind: 'request'; name: string }
  | { kind: 'tag'; tag: string }
  | { kind: 'check'; check: string }

type Measure =
  | { kind: 'percentile'; percentile: number }
  | { kind: 'avg' }
  | { kind: 'min' }
  | { kind: 'max' }
  | { kind: 'errors' }
  | { kind: 'rps' }

type Unit = 'ms' | '%' | '/s'

/** The hint in the error messages for an invalid threshold, except for a threshold in k6's notation. */
export const thresholdHint =
  "write it like 'p95 < 400ms', 'errors < 1%', 'rps > 100', 'POST /cart: p99 < 1s' or 'intent: tag:search: p95 < 1s'"
const rule = /^(p\d+(?:\.\d+)?|avg|min|max|errors|rps)\s*(<=|>=|<|>)\s*(.+)$/
/** The maximum number of characters of a threshold. */
export const longestThreshold = 1000

/**
 * Parses a threshold.
 * @throws BurstError (104) when the string is not a threshold, is too long, or asks for a value that does not exist, such as the latency of a check
 */
export function parseThreshold(expression: string): Threshold {
  const text = expression.trim()
  const colon = text.lastIndexOf(':')
  const found = text.length > longestThreshold ? null : rule.exec(text.slice(colon + 1).trim())
  if (!found) throw malformed(expression, 'is not understood')
  const [, measureText, operator, limitText] = found as unknown as [string, string, Threshold['operator'], string]
  const measure = measureOf(measureText, expression)
  const unit = unitOf(measure)
  const before = text.slice(0, Math.max(0, colon)).trim()
  const prefix = prefixOf(before, colon !== -1, expression)
  const threshold = {
    expression,
    ...prefix,
    measure,
    operator,
    limit: limitOf(limitText, unit, expression),
    unit,
  }
  rejectNonsense(threshold)
  return threshold
}

function measureOf(text: string, expression: string): Measure {
  if (!text.startsWith('p')) return { kind: text as 'avg' | 'min' | 'max' | 'errors' | 'rps' }
  const percentile = Number(text.slice(1))
  if (percentile > 0 && percentile <= 100) return { kind: 'percentile', percentile }
  throw malformed(expression, `asks for ${text}; a percentile is above 0 and at most 100`)
}

function unitOf(measure: Measure): Unit {
  if (measure.kind === 'errors') return '%'
  return measure.kind === 'rps' ? '/s' : 'ms'
}

function limitOf(written: string, unit: Unit, expression: string): number {
  const text = written.replaceAll(' ', '')
  const wanted = { ms: /^[\d.]+(ms|s|m|h)/, '%': /^\d+(\.\d+)?%$/, '/s': /^\d+(\.\d+)?(\/s)?$/ }[unit]
  const example = { ms: "a duration such as '400ms'", '%': "a share such as '1%'", '/s': "a number such as '100'" }[
    unit
  ]
  if (!wanted.test(text)) throw malformed(expression, `compares with ${written} instead of ${example}`)
  return unit === 'ms' ? durationMs(text, `the limit of threshold '${expression}'`, written) : Number.parseFloat(text)
}

function prefixOf(prefix: string, present: boolean, expression: string): Pick<Threshold, 'scope' | 'fromIntent'> {
  if (present && prefix === '') throw malformed(expression, 'begins with a colon')
  const fromIntent = /^intent(:|$)/.test(prefix)
  const rest = fromIntent ? prefix.slice('intent:'.length).trim() : prefix
  return { scope: scopeOf(rest, expression), fromIntent }
}

function scopeOf(text: string, expression: string): ThresholdScope {
  if (text === '') return { kind: 'all' }
  const marked = /^(tag|check):(.*)$/s.exec(text)
  if (!marked) return { kind: 'request', name: text }
  const name = (marked[2] as string).trim()
  if (name === '') throw malformed(expression, `names no ${marked[1]}`)
  return marked[1] === 'tag' ? { kind: 'tag', tag: name } : { kind: 'check', check: name }
}

function rejectNonsense({ expression, scope, fromIntent, measure, unit }: Threshold): void {
  if (scope.kind === 'check' && measure.kind !== 'errors') {
    throw malformed(expression, "judges a check, but a check has only 'errors'")
  }
  if (fromIntent && unit !== 'ms')
    throw malformed(expression, `asks for ${measure.kind} from intent, but only a time can be measured from intent`)
}

function malformed(expression: string, what: string): Error {
  return invalidInput(`threshold '${expression}' ${what}`, { hint: thresholdHint })
}

/** Returns whether a value is within the limit. */
export function holds({ operator, limit }: Pick<Threshold, 'operator' | 'limit'>, value: number): boolean {
  if (operator === '<') return value < limit
  if (operator === '<=') return value <= limit
  return operator === '>' ? value > limit : value >= limit
}
