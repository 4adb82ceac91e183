import { durationMs } from '../duration.ts'
import { invalidInput } from '../errors.ts'
import { parseWrittenThreshold } from './written-threshold.ts'

/** The maximum number of rules of a run. The number is limited because each rule is judged for each window. */
export const mostAbortRules = 10

/** A threshold that is judged over a sliding span. When the threshold fails, burst stops the run. */
export interface AbortRule {
  expression: string
  /** The length of the span in milliseconds. */
  overMs: number
}

/**
 * Parses a rule from the command line, such as `errors < 10% over 30s`.
 * @param flag the name of the flag in messages
 * @throws BurstError (104) when the string is not a rule
 */
export function parseAbortRule(text: string, flag: string): AbortRule {
  const [, expression = '', over = ''] = /^(.*\S)\s+over\s+(\S.*)$/s.exec(text.trim()) ?? []
  if (expression === '') {
    throw invalidInput(`${flag} is ${JSON.stringify(text.slice(0, 100))}, which has no span`, {
      hint: `write it like ${flag} 'errors < 10% over 30s'`,
    })
  }
  const rule = { expression, overMs: durationMs(over, `the span of ${flag} '${expression}'`) }
  parseWrittenThreshold(expression)
  return rule
}
