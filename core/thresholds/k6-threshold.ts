const rule =
  /^(?:([a-z]\w*)\s*(?:\{([^{}]*)\}\s*)?:)?\s*(p\(\d+(?:\.\d+)?\)|avg|med|min|max|rate|count)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)$/
const phases = /^http_req_(?:blocked|connecting|tls_handshaking|sending|waiting|receiving)$/
const ofShare = new Set(['http_req_failed', 'checks'])
const flipped = new Map([
  ['<', '>'],
  ['<=', '>='],
  ['>', '<'],
  ['>=', '<='],
])

/** A threshold of k6, taken apart. */
interface Parts {
  metric: string
  /** What stands in braces behind the metric, e.g. `name:GET /`. */
  selector: string
  measure: string
  operator: string
  limit: number
}

/** What a threshold in k6's spelling is in burst, as a sentence; undefined when it is not in k6's spelling. */
export function k6Hint(expression: string): string | undefined {
  const found = rule.exec(expression.trim())
  if (!found) return undefined
  const [, metric = '', selector = '', measure = '', operator = '', limit = ''] = found
  const parts = { metric, selector, measure, operator, limit: Number(limit) }
  const spelling = rewritten(parts)
  return spelling === undefined ? missing(parts) : `this is k6's spelling; in burst write '${spelling}'`
}

function rewritten(parts: Parts): string | undefined {
  const { metric, measure, operator, limit } = parts
  if (measure === 'count' || phases.test(metric) || metric.startsWith('iteration')) return undefined
  if (measure !== 'rate') return `${scopeOf(parts)}${percentileOf(measure)} ${operator} ${limit}ms`
  return rateIn(parts)
}

function rateIn(parts: Parts): string {
  const { operator, limit } = parts
  const kind = rateOf(parts)
  if (kind === 'rps') return `${scopeOf(parts)}rps ${operator} ${limit}`
  if (kind === 'checks') return `${checkOf(parts)}errors ${flipped.get(operator)} ${inPercent(1 - limit)}`
  return `${scopeOf(parts)}errors ${operator} ${inPercent(limit)}`
}

function inPercent(share: number): string {
  return `${Number((share * 100).toPrecision(10))}%`
}

/** Without a metric in front, `rate<0.01` is of failures, `rate>0.95` of checks and `rate>100` of requests. */
function rateOf({ metric, operator, limit }: Parts): string {
  if (metric === 'http_reqs' || (!ofShare.has(metric) && limit > 1)) return 'rps'
  if (metric !== '') return metric
  return operator.startsWith('<') ? 'http_req_failed' : 'checks'
}

function percentileOf(measure: string): string {
  if (measure === 'med') return 'p50'
  return measure.startsWith('p(') ? `p${measure.slice(2, -1)}` : measure
}

/** `{name:GET /}` is a name, another selector a tag. */
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
  if (measure === 'count') return `this is k6's spelling, and burst has no threshold for a count; ${instead}`
  return `this is k6's spelling, and burst has no threshold for ${metric}; ${instead}`
}
