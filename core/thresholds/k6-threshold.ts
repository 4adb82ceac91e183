const metrics = /^(?:http_req_[a-z_]+|http_reqs|iteration_duration)$/
const metricAndSelector = /^([a-z]\w*)\s*(?:\{([^{}]*)\}\s*)?$/
const k6Measure = /^(?:p\(\d+(?:\.\d+)?\)|avg|med|min|max|rate|count)$/
const ownMeasure = /^(?:p\d+(?:\.\d+)?|avg|min|max|errors|rps)$/
const comparison = /^(p\(\d+(?:\.\d+)?\)|[a-z]+[\d.]*)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|%|\/s)?$/
const phases = /^http_req_(?:blocked|connecting|tls_handshaking|sending|waiting|receiving)$/
const ofRate = new Set(['rate', 'errors', 'rps'])
const ofShare = new Set(['http_req_failed', 'checks'])
const flipped = new Map([
  ['<', '>'],
  ['<=', '>='],
  ['>', '<'],
  ['>=', '<='],
])

/** The parts of a k6 threshold. */
interface Parts {
  metric: string
  /** The selector in braces after the metric, e.g. `name:GET /`. */
  selector: string
  measure: string
  operator: string
  limit: number
  /** The unit of the limit. '' means the default unit of k6: milliseconds, or a fraction from 0 to 1. */
  unit: string
}

/** Returns whether the string before the colon of a threshold is a k6 metric. Such a string is not the name of a request. */
export function isK6Metric(prefix: string): boolean {
  return metrics.test(metricAndSelector.exec(prefix)?.[1] ?? '')
}

/**
 * Returns a hint for a threshold in k6's notation, or for a k6 metric followed by a measure of burst. The hint shows burst's notation, or says that
 * burst has no such threshold. Returns undefined for other strings.
 */
export function k6Hint(expression: string): string | undefined {
  const parts = partsOf(expression.trim())
  if (!parts) return undefined
  const spelling = rewritten(parts)
  return spelling === undefined ? missing(parts) : `this is k6's notation; in burst write '${spelling}'`
}

function partsOf(text: string): Parts | undefined {
  const colon = text.lastIndexOf(':')
  const of = metricAndSelector.exec(text.slice(0, Math.max(0, colon)))
  const found = comparison.exec(text.slice(colon + 1).trim())
  if (!found || (of === null) !== (colon === -1)) return undefined
  const [metric, selector] = textsOf(of)
  const [measure, operator, limit, unit] = textsOf(found)
  const parts = { metric, selector, measure, operator, limit: Number(limit), unit }
  return isOfK6(parts) ? parts : undefined
}

/** Returns the groups of a match; a group that did not match is ''. */
function textsOf(found: RegExpExecArray | null): [string, string, string, string] {
  const [, a = '', b = '', c = '', d = ''] = found ?? []
  return [a, b, c, d]
}

function isOfK6({ metric, measure }: Pick<Parts, 'metric' | 'measure'>): boolean {
  return k6Measure.test(measure) || (ownMeasure.test(measure) && metrics.test(metric))
}

function rewritten(parts: Parts): string | undefined {
  const { metric, measure, operator, limit, unit } = parts
  if (measure === 'count' || phases.test(metric) || metric.startsWith('iteration')) return undefined
  if (ofRate.has(measure)) return rateIn(parts)
  return `${scopeOf(parts)}${percentileOf(measure)} ${operator} ${limit}${unit || 'ms'}`
}

function rateIn(parts: Parts): string {
  const { operator, unit } = parts
  const limit = unit === '%' ? parts.limit / 100 : parts.limit
  const kind = parts.measure === 'rps' ? 'rps' : rateOf({ ...parts, limit })
  if (kind === 'rps') return `${scopeOf(parts)}rps ${operator} ${limit}`
  if (kind === 'checks') return `${checkOf(parts)}errors ${flipped.get(operator)} ${inPercent(1 - limit)}`
  return `${scopeOf(parts)}errors ${operator} ${inPercent(limit)}`
}

function inPercent(share: number): string {
  return `${Number((share * 100).toPrecision(10))}%`
}

/**
 * Returns the meaning of a `rate`. If the threshold has no metric, the meaning is derived from the operator and the limit: `rate<0.01` means
 * failures, `rate>0.95` means checks, and `rate>100` means requests.
 */
function rateOf({ metric, operator, limit }: Parts): string {
  if (metric === 'http_reqs' || (!ofShare.has(metric) && limit > 1)) return 'rps'
  if (metric !== '') return metric
  return operator.startsWith('<') ? 'http_req_failed' : 'checks'
}

function percentileOf(measure: string): string {
  if (measure === 'med') return 'p50'
  return measure.startsWith('p(') ? `p${measure.slice(2, -1)}` : measure
}

/** Converts a selector to a scope in burst's notation. `{name:GET /}` selects a request name; all other selectors select tags. */
function scopeOf({ selector }: Parts): string {
  const [key = '', value = ''] = split(selector)
  if (value === '') return ''
  return key === 'name' ? `${value}: ` : `tag:${value}: `
}

function checkOf({ selector }: Parts): string {
  const [key, value = ''] = split(selector)
  return `check:${key === 'check' && value !== '' ? value : 'NAME'}: `
}

function split(selector: string): string[] {
  const colon = selector.indexOf(':')
  return [selector.slice(0, Math.max(0, colon)).trim(), selector.slice(colon + 1).trim()]
}

function missing({ metric, measure }: Parts): string {
  const instead = "burst judges latency ('p95 < 400ms'), failures ('errors < 1%') and the rate ('rps > 100')"
  if (measure === 'count') return `this is k6's notation, and burst has no threshold for a count; ${instead}`
  return `this is k6's notation, and burst has no threshold for ${metric}; ${instead}`
}
