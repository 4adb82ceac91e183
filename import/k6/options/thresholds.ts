import { parseWrittenThreshold } from '../../../core/thresholds/written-threshold.ts'
import { type Frame, type RequestFact, note } from '../frame.ts'
import { type Part, partNamed, partsOf } from '../http/objects.ts'
import { type Node, stringOf } from '../syntax.ts'
import { durationText, optionValue, secondsIn } from './values.ts'

/** The thresholds of the scenario, and its rules for `abortOn`. */
export interface Thresholds {
  thresholds: string[]
  abortOn: { threshold: string; over: string }[]
}

export interface ThresholdPlace {
  frame: Frame
  host: string
  /** The names of k6 scenarios. Tasks have these names as tags. */
  scenarios: ReadonlySet<string>
}

/** Returns the thresholds of the options. Thresholds without a counterpart become comments. Keeps at most 10 rules for `abortOn`. */
export function thresholdsOf(options: readonly Part[], place: ThresholdPlace): Thresholds {
  const found: Thresholds = { thresholds: [], abortOn: [] }
  const node = partNamed(options, 'thresholds')
  const metrics = partsOf(node, place.frame)
  if (node && !metrics) note(node, place.frame, 'these thresholds cannot be determined')
  for (const part of metrics ?? []) {
    if (!('key' in part)) continue
    const list = part.value.type === 'ArrayExpression' ? part.value.elements : [part.value]
    for (const one of list) if (one && one.type !== 'SpreadElement') add(found, part.key, { node: one, place })
  }
  found.thresholds = [...new Set(found.thresholds)]
  found.abortOn = found.abortOn.slice(0, 10)
  return found
}

function add(found: Thresholds, metric: string, { node, place }: { node: Node; place: ThresholdPlace }): void {
  const { frame } = place
  const parts = partsOf(node, frame)
  const rule = parts ? optionValue(partNamed(parts, 'threshold'), frame) : (stringOf(node) ?? optionValue(node, frame))
  const texts = rulesOf(metric, String(rule ?? ''), place).filter(isThreshold)
  if (texts.length === 0) return note(node, frame, `the threshold of ${metric} has no counterpart`)
  found.thresholds.push(...texts)
  const aborts = parts !== null && optionValue(partNamed(parts, 'abortOnFail'), frame) === true
  if (!aborts) return
  const over = Math.min(600, Math.max(5, secondsIn(parts, 'delayAbortEval', frame) ?? 10))
  found.abortOn.push(...texts.map((threshold) => ({ threshold, over: durationText(over) })))
}

function isThreshold(text: string): boolean {
  try {
    return parseWrittenThreshold(text).expression === text
  } catch {
    // The threshold has no counterpart in burst. The caller writes a comment.
    return false
  }
}

const ruleForm = /^\s*(p\(\s*[\d.]+\s*\)|avg|med|min|max|rate|count|value)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*$/

function rulesOf(metric: string, rule: string, place: ThresholdPlace): string[] {
  const [, name = '', selector = ''] = /^([\w.-]+)(?:\{([^{}]*)\})?$/.exec(metric.trim()) ?? []
  const [, measure = '', operator = '', limit = ''] = ruleForm.exec(rule) ?? []
  if (name === '' || measure === '') return []
  const given = { measure: measure.replaceAll(' ', ''), operator, limit: Number(limit) }
  if (name === 'checks') return checkRules(given, selector, place)
  const body = bodyOf(name, given, place)
  if (body === null) return []
  const scopes = scopesOf(name, selector, place)
  return scopes.map((scope) => `${scope}${body.replace(/([<>])=/, '$1')}`)
}

interface Rule {
  measure: string
  operator: string
  limit: number
}

/** The suffix of the row name in burst's report, for each of k6's WebSocket metrics. */
const socketRows = new Map([
  ['ws_connecting', ''],
  ['ws_session_duration', ' closed 1000'],
])
const durations = new Set(['http_req_duration', 'group_duration', ...socketRows.keys()])

function bodyOf(name: string, rule: Rule, { frame }: ThresholdPlace): string | null {
  const { measure, operator, limit } = rule
  const own = [...frame.module.metrics.values()].find((one) => one.name === name)
  const kind = durations.has(name) ? 'Trend' : own?.kind
  if (kind === 'Trend' || kind === 'Gauge') return timeBody(rule)
  if (measure !== 'rate') return null
  if (name === 'http_reqs' || kind === 'Counter') return operator.startsWith('>') ? `rps ${operator} ${limit}` : null
  if (name === 'http_req_failed') return `errors ${operator} ${percent(limit)}`
  if (own?.kind !== 'Rate') return null
  return own.isSuccess ? `errors ${flipped(operator)} ${percent(1 - limit)}` : `errors ${operator} ${percent(limit)}`
}

const notOfTimes = new Set(['rate', 'count', 'value'])

/** Returns the condition of a threshold on durations, such as `p95 < 500ms`; null if the measure has no counterpart. */
function timeBody({ measure, operator, limit }: Rule): string | null {
  return notOfTimes.has(measure) ? null : `${measureOf(measure)} ${operator} ${limitText(limit)}`
}

function measureOf(measure: string): string {
  if (measure === 'med') return 'p50'
  return measure.startsWith('p(') ? `p${Number(measure.slice(2, -1))}` : measure
}

function limitText(ms: number): string {
  return Number.isInteger(ms) && ms % 1000 === 0 && ms < 60_000 ? `${ms / 1000}s` : `${ms}ms`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(6))}%`
}

function flipped(operator: string): string {
  return operator.startsWith('<') ? operator.replace('<', '>') : operator.replace('>', '<')
}

/**
 * Returns the prefixes of burst's thresholds, such as `GET /cart: `. Each prefix selects the requests, steps or samples that k6's threshold judges.
 */
function scopesOf(name: string, selector: string, place: ThresholdPlace): string[] {
  const own = [...place.frame.module.metrics.values()].find((one) => one.name === name)
  if (own) return selector === '' ? [`${own.kind.toUpperCase()} ${own.name}: `] : []
  const pairs = selector === '' ? [] : selector.split(',').map((one) => one.split(/:(.*)/s).map((text) => text.trim()))
  const tags = pairs.filter(([key, value]) => !(key === 'expected_response' && value === 'true'))
  if (name === 'group_duration') return groupScopes(tags)
  const row = socketRows.get(name)
  if (row !== undefined)
    return namesWith([['method', 'WS'], ...tags], place).map((one) => one.replace(': ', `${row}: `))
  return requestScopes(tags, place)
}

function groupScopes(tags: readonly string[][]): string[] {
  const [key, value = ''] = tags[0] ?? []
  return key === 'group' && tags.length === 1 ? [`${lastGroup(value)}: `] : []
}

/** Returns the scope of a threshold: all requests, the requests of one of k6's scenarios, or the names of the requests with these tags. */
function requestScopes(tags: readonly string[][], place: ThresholdPlace): string[] {
  const [[key = '', value = ''] = [], more] = tags
  if (tags.length === 0) return ['']
  if (key === 'scenario' && !more && place.scenarios.has(value)) return [`tag:${tagText(value)}: `]
  return namesWith(tags, place)
}

function lastGroup(value: string): string {
  return value.split('::').at(-1) ?? ''
}

/** Converts a name to a tag. In burst, a tag must be a single word. */
export function tagText(name: string): string {
  return name.replaceAll(/[^\w-]+/g, '-')
}

function namesWith(tags: readonly string[][], { frame, host }: ThresholdPlace): string[] {
  const facts = frame.module.facts.filter((fact) => tags.every(([key = '', value = '']) => hasTag(fact, key, value)))
  return [...new Set(facts.map((fact) => `${fact.method} ${fact.nameFor(host)}: `))].filter(
    (name) => name.trim() !== ':',
  )
}

function hasTag(fact: RequestFact, key: string, value: string): boolean {
  if (key === 'group') return fact.group !== null && fact.group === lastGroup(value)
  if (key === 'method') return fact.method === value
  return fact.tags.get(key) === value
}

/** Translates a threshold such as `checks: rate>0.9`. k6 judges all checks together; burst judges each check separately. */
function checkRules({ measure, operator, limit }: Rule, selector: string, { frame }: ThresholdPlace): string[] {
  if (measure !== 'rate') return []
  const named = /^check:(.*)$/s.exec(selector.trim())?.[1]?.trim()
  if (selector !== '' && named === undefined) return []
  const checks = [...frame.module.checks].filter(([check]) => named === undefined || check === named)
  return checks.map(
    ([check, as]) =>
      `${as === 'check' ? 'check:' : 'CHECK '}${check}: errors ${flipped(operator).replace('=', '')} ${percent(1 - limit)}`,
  )
}

/** Marks each rate whose threshold sets a lower limit. Such a rate counts successes. */
export function markRates(options: readonly Part[], frame: Frame): void {
  for (const part of partsOf(partNamed(options, 'thresholds'), frame) ?? []) {
    if (!('key' in part)) continue
    const metric = [...frame.module.metrics.values()].find((one) => one.name === part.key)
    const text = part.value.type === 'ArrayExpression' ? stringOf(part.value.elements[0]) : stringOf(part.value)
    if (metric && text !== null && /^rate\s*>/.test(text.trim())) metric.isSuccess = true
  }
}
