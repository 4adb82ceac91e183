import { durationMs } from '../duration.ts'
import { invalidInput } from '../errors.ts'
import { parseThreshold } from './threshold.ts'

/** The most rules of a run, because each rule is judged for each window. */
export const mostAbortRules = 10

/** A threshold that stops the run when it fails over a sliding span. */
export interface AbortRule {
  expression: string
  /** Length of the span, milliseconds. */
  overMs: number
}

/**
 * `errors < 10% over 30s`, as the command line takes it.
 * @param flag the flag that messages name
 * @throws BurstError (104) when the text is something else
 */
export function parseAbortRule(text: string, flag: string): AbortRule {
  const [, expression = '', over = ''] = /^(.*\S)\s+over\s+(\S.*)$/s.exec(text.trim()) ?? []
  if (expression === '') {
    throw invalidInput(`${flag} is ${JSON.stringify(text.slice(0, 100))}, which has no span`, {
      hint: `write it like ${flag} 'errors < 10% over 30s'`,
    })
  }
  const rule = { expression, overMs: durationMs(over, `the span of ${flag} '${expression}'`) }
  parseThreshold(expression)
  return rule
}
