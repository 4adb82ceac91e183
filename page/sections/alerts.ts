import type { Report } from '../../core/report/report.ts'

/**
 * The page marks a row if more than this fraction of its requests failed. For the whole run, this rule applies only to rows whose failures no
 * threshold judges. For a selected time span, this rule applies to all rows.
 */
const alertShare = 0.01

/** The failures of a row of the table. In the row for all requests, `name` and `method` are empty. */
export interface Failing {
  method: string
  name: string
  failures: number
  failureShare: number
}

/**
 * Returns true if the failed requests of a row should be marked. If thresholds judge these failures, one of the thresholds must have failed.
 * Otherwise, more than 1 % of the requests must have failed. In a selected span, only the fraction counts, because thresholds judge the whole run.
 */
export function isAlerting(
  { thresholds }: Pick<Report, 'thresholds'>,
  { method, name, failures, failureShare }: Failing,
  isSpan: boolean,
): boolean {
  const own = thresholds.filter(({ expression }) => isOnErrorsOf(expression, method, name))
  if (isSpan || own.length === 0) return failureShare > alertShare
  return failures > 0 && own.some(({ passed }) => !passed)
}

/**
 * Returns true if a threshold judges the failures of a row. `errors < 1%` judges all requests, `POST /cart: errors < 1%` judges one row, and `/cart:
 * errors < 1%` judges all methods of `/cart`.
 */
function isOnErrorsOf(expression: string, method: string, name: string): boolean {
  const colon = expression.lastIndexOf(':')
  if (!/^errors\b/.test(expression.slice(colon + 1).trim())) return false
  const scope = expression.slice(0, Math.max(0, colon)).trim()
  return scope === (name === '' ? '' : `${method} ${name}`) || (name !== '' && scope === name)
}
