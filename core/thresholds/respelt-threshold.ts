import { parseThreshold } from './threshold.ts'

const measure = String.raw`p\s?\(?\d+(?:\.\d+)?\)?|\d+(?:\.\d+)?(?:st|nd|rd|th)(?: percentile)?|med(?:ian)?|avg|average|mean|min(?:imum)?|max(?:imum)?|errors?(?: rate)?|fail(?:ed|ures?)(?: rate)?|rps|requests\/s|throughput`
const operator = '<=|>=|=<|=>|≤|≥|<|>'
const limit = String.raw`\d+(?:\.\d+)?\s*(?:milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h|percent|%|(?:req(?:uests?)?)?\s*\/\s*s(?:ec)?)?`
/**
 * The orders in which burst recognises the parts of a threshold: (1) measure, operator, limit; (2) limit, operator, measure; (3) measure, name,
 * operator, limit. In (1) and (2), the name is before the first part or after the last part.
 */
const rules = [
  String.raw`^(?<before>.*?)(?<![\w/])(?<measure>${measure})\s*(?<operator>${operator})\s*(?<limit>${limit})(?![\w/])(?<after>.*)$`,
  String.raw`^(?<before>.*?)(?<![\w/.])(?<limit>${limit})\s*(?<flipped>${operator})\s*(?<measure>${measure})(?![\w/])(?<after>.*)$`,
  String.raw`^(?<measure>${measure})(?:\s*[:(]|\s)\s*(?<before>.*?)\)?\s*(?<operator>${operator})\s*(?<limit>${limit})$`,
].map((source) => new RegExp(source, 'is'))

const operators = new Map([
  ['=<', '<='],
  ['≤', '<='],
  ['=>', '>='],
  ['≥', '>='],
])
const flipped = new Map([
  ['<', '>'],
  ['<=', '>='],
  ['>', '<'],
  ['>=', '<='],
])

/**
 * Returns the threshold in the order and spelling that burst requires. Returns undefined if the string does not have the parts of a threshold, or
 * already has this form.
 */
export function respeltThreshold(expression: string): string | undefined {
  for (const rule of rules) {
    const found = rule.exec(expression.trim())?.groups
    const spelling = found && spelt(found)
    if (spelling !== undefined && spelling !== expression.trim() && isValid(spelling)) return spelling
  }
  return undefined
}

/** Returns the hint for a threshold whose order or spelling burst does not accept. */
export function respeltHint(spelling: string): string {
  return `write '${spelling}'${spelling.includes(': ') ? '; the order is intent, name, rule' : ''}`
}

/**
 * Returns a hint in three cases: the string has several rules, the string has a span, or the string has the parts of a threshold in an order or
 * spelling that burst does not accept. Returns undefined for any other string.
 */
export function hintForParts(expression: string): string | undefined {
  const comparisons = expression.match(/[<>≤≥]/g)?.length ?? 0
  if (comparisons > 1) return 'write a threshold for each rule: a threshold has one rule'
  if (/[<>≤≥].*\sover\s/i.test(expression))
    return "only a rule of abortOn has a span: abortOn: [{ threshold: 'errors < 10%', over: '30s' }]"
  const spelling = respeltThreshold(expression)
  return spelling === undefined ? undefined : respeltHint(spelling)
}

type Parts = Readonly<Record<string, string | undefined>>

function spelt(parts: Parts): string {
  const { before = '', after = '', measure: given = '', limit: limitText = '' } = parts
  const rule = [measureOf(given.toLowerCase()), signOf(parts), withShortUnit(limitText.toLowerCase())]
  return prefixOf(before, after) + rule.join(' ')
}

function signOf({ operator: given, flipped: turned = '' }: Parts): string | undefined {
  if (given !== undefined) return operators.get(given) ?? given
  return flipped.get(operators.get(turned) ?? turned)
}

/** Returns the prefix: `intent: `, then the name of a request, a tag or a check. */
function prefixOf(before: string, after: string): string {
  const rest = [before, after]
    .map((text) => text.replace(/^[\s:;,]*(?:(?:for|of|on|in)\s)?\s*/i, '').replace(/[\s:;,]+$/, ''))
    .filter((text) => text !== '')
    .join(': ')
  const named = rest.replace(/^intent(?:\s*:\s*|\s+|$)/i, '').replace(/(?:\s*:\s*|^)intent$/i, '')
  const intent = named === rest ? '' : 'intent: '
  const name = /^(?:latency|duration|response time|time)$/i.test(named) ? '' : named
  const [, kind, own] = /^(tag|check)s?\s*[:=]\s*(.+)$/is.exec(name) ?? /^(tag)s?\s+(.+)$/is.exec(name) ?? []
  const scope = kind === undefined ? name : `${kind.toLowerCase()}:${own}`
  return scope === '' ? intent : `${intent}${scope}: `
}

function measureOf(text: string): string {
  const percentile = /^p\s?\(?([\d.]+)\)?$|^([\d.]+)(?:st|nd|rd|th)/.exec(text)
  if (percentile) return `p${percentile[1] ?? percentile[2]}`
  if (text.startsWith('med')) return 'p50'
  if (/^(?:average|mean)$/.test(text)) return 'avg'
  if (/^m(?:in|ax)/.test(text)) return text.slice(0, 3)
  if (/^(?:error|fail)/.test(text)) return 'errors'
  return /^(?:requests|throughput)/.test(text) ? 'rps' : text
}

function withShortUnit(text: string): string {
  return text.replace(/\s*([a-z]*\s*\/\s*s(?:ec)?|[a-z]+)$|\s+(?=%$)/, (_, unit = '') => {
    if (unit.includes('/')) return ''
    if (unit === 'percent') return '%'
    return /^m(?:s|illis)/.test(unit) ? 'ms' : /^[a-z]/.test(unit) ? unit.slice(0, 1) : unit
  })
}

function isValid(expression: string): boolean {
  try {
    parseThreshold(expression)
    return true
  } catch {
    return false
  }
}
