import type { Report } from '../../core/report/report.ts'

/** From this share of failed requests on, a row that no threshold judges is marked. */
const alertShare = 0.01

/** What the failures of a row, or of all requests (`name` and `method` are empty), are. */
export interface Failing {
  method: string
  name: string
  failures: number
  failureShare: number
}

/**
 * Whether the failed requests of a row are marked as wrong: a threshold on them failed, or no threshold judges them and more than 1 % failed.
 * Thresholds judge the whole run: in a selected span only the share counts.
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

/** `errors < 1%` is on all requests, `POST /cart: errors < 1%` on one name, `/cart: errors < 1%` on all its methods. */
function isOnErrorsOf(expression: string, method: string, name: string): boolean {
  const colon = expression.lastIndexOf(':')
  if (!/^errors\b/.test(expression.slice(colon + 1).trim())) return false
  const scope = expression.slice(0, Math.max(0, colon)).trim()
  return scope === (name === '' ? '' : `${method} ${name}`) || (name !== '' && scope === name)
}
