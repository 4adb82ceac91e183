import { durationMs } from '../../../core/duration.ts'
import { type Entry, type Expr, call, num, object, snippet, str, template } from '../../scenario/code.ts'
import { type Frame, constantOf, isLost, note, translate } from '../frame.ts'
import { type Node, keyOf, numberOf, propertyOf, someNode, stringOf } from '../syntax.ts'
import { bodyOption } from './body.ts'
import { type Part, entriesOf, isDrawnOnce, partNamed, partsOf } from './objects.ts'
import type { Wanted } from './wanted.ts'

/** Returns the parameters as parts of an object. A spread represents an object with unknown content. */
export function paramsOf(node: Node | null, frame: Frame): Part[] {
  if (!node || (node.type === 'Literal' && node.value === null)) return []
  return partsOf(node, frame) ?? [{ spread: node }]
}

/** Returns the name of a request in the statistics, without the HTTP method. */
export function tagName(parts: readonly Part[], verb: string): string | null {
  const tags = partNamed(parts, 'tags')
  const name = tags?.type === 'ObjectExpression' ? tags.properties.find((one) => keyIs(one, 'name')) : undefined
  const text = name?.type === 'Property' ? stringOf(name.value) : null
  if (text === null || text.trim() === '') return null
  return text.startsWith(`${verb} `) ? text.slice(verb.length + 1) : text
}

/** Returns a name that the script computes; null if the request has no name, or if the name is constant. */
export function computedName(parts: readonly Part[], frame: Frame): Expr | null {
  const tags = partNamed(parts, 'tags')
  const name = tags?.type === 'ObjectExpression' ? tags.properties.find((one) => keyIs(one, 'name')) : undefined
  return name?.type === 'Property' && stringOf(name.value) === null ? translate(name.value, frame) : null
}

function keyIs(node: Node, key: string): boolean {
  return node.type === 'Property' && !node.computed && node.key.type === 'Identifier' && node.key.name === key
}

/** Returns the tags of a request. */
export function tagsOf(parts: readonly Part[], frame: Frame): Map<string, string> {
  const tags = partsOf(partNamed(parts, 'tags'), frame) ?? []
  return new Map(tags.flatMap((part) => ('key' in part ? [[part.key, stringOf(part.value) ?? ''] as const] : [])))
}

function contentTypeOf(headers: readonly Part[]): { kind: string; isPlain: boolean } {
  const found = headers.findLast((part) => 'key' in part && part.key.toLowerCase() === 'content-type')
  const text = found && 'value' in found ? (stringOf(found.value) ?? '').toLowerCase() : ''
  const kind = /json/.test(text) ? 'json' : text.includes('x-www-form-urlencoded') ? 'form' : ''
  return { kind, isPlain: /^application\/(?:json|x-www-form-urlencoded)(?:;\s*charset=utf-?8)?$/.test(text.trim()) }
}

/** Returns the options of a request, such as its body and its headers. */
export function optionsOf(wanted: Wanted, parts: readonly Part[], frame: Frame): Entry[] {
  const headersNode = partNamed(parts, 'headers')
  const headers = partsOf(headersNode, frame)
  const drawn = headersNode && drawnHeaders(wanted.params, headersNode, frame)
  const { kind, isPlain } = contentTypeOf(headers ?? [])
  const body = bodyOption(wanted.body, kind, frame)
  const isSet = body.isTyped === 'multipart' || (body.isTyped !== null && isPlain && kind === body.isTyped)
  const kept = drawn ? [] : (headers ?? []).filter((part) => !isTypeOf(part, isSet))
  const own = drawn ?? (headersNode && !headers ? translate(headersNode, frame) : null)
  const whole: Entry[] = own ? [{ key: 'headers', value: own }] : []
  const others = otherOptions(parts, frame)
  return [
    ...(body.entry ? [body.entry] : []),
    ...(kept.length > 0
      ? [{ key: 'headers', value: object([...spreadOf(others), ...entriesOf(kept, frame)]) }]
      : whole),
    ...(kept.length > 0 ? others.filter((entry) => !isHeaders(entry)) : others),
  ]
}

/**
 * Some constants contain a random value or the time. If the headers are in such a constant, and the script uses the constant several times, returns
 * an expression that reads the headers from the constant. Returns null for all other headers.
 */
function drawnHeaders(params: Node | null, headers: Node, frame: Frame): Expr | null {
  if (isDrawnOnce(headers, constantOf(headers, frame) ?? headers, frame)) return translate(headers, frame)
  if (!params || !isDrawnOnce(params, headers, frame)) return null
  return { k: 'member', of: translate(params, frame), name: 'headers' }
}

/** Returns true for a content type that the body sets itself, such as `'multipart/form-data; boundary=' + form.boundary`. */
function isTypeOf(part: Part, isSet: boolean): boolean {
  if (!('key' in part) || part.key.toLowerCase() !== 'content-type') return false
  return isSet || someNode(part.value, (node) => ['boundary', 'contentType'].includes(keyOf(node) ?? ''))
}

/** Returns the headers in these options. The caller merges them with the headers that the request itself has. */
function spreadOf(others: readonly Entry[]): Entry[] {
  return others.flatMap((entry) => {
    if (!isHeaders(entry)) return []
    return entry.value.k === 'object' ? entry.value.entries : [{ spread: entry.value }]
  })
}

function isHeaders(entry: Entry): entry is Extract<Entry, { key: string }> {
  return 'key' in entry && entry.key === 'headers'
}

/**
 * Returns the options for the parameters that this file translates, except `headers` and `tags`. A spread object becomes an option `headers` with the
 * headers of this object. The parameter `cookies` becomes an option `headers` with the header `cookie`.
 */
export function otherOptions(parts: readonly Part[], frame: Frame): Entry[] {
  return parts.flatMap((part) => otherOption(part, frame))
}

/** Returns the options for one parameter. The list is empty for a parameter that other code translates or that has no counterpart. */
function otherOption(part: Part, frame: Frame): Entry[] {
  if ('spread' in part) {
    const given = translate(part.spread, frame)
    return given.k === 'str' || given.k === 'as'
      ? []
      : [{ key: 'headers', value: { k: 'member', of: given, name: 'headers', optional: true } }]
  }
  if (!('key' in part)) return []
  const { key, value } = part
  if (key === 'timeout') return [{ key, value: timeoutExpr(value, frame) }]
  if (key === 'redirects' && numberOf(value) !== null) return [{ key, value: num(numberOf(value) ?? 0) }]
  if (['headers', 'tags', 'responseType', 'compression', 'responseCallback'].includes(key)) return []
  if (key === 'auth' && stringOf(value) === 'basic') return []
  if (key === 'cookies') return cookieEntry(value, frame)
  if (key === 'jar') return []
  note(value, frame, `the parameter ${key} is not translated`)
  return []
}

/** Translates `cookies: { lang: 'en' }` to a header. */
function cookieEntry(node: Node, frame: Frame): Entry[] {
  const parts = partsOf(node, frame)
  const pairs = (parts ?? []).flatMap((part, index): (string | Expr)[] => {
    if (!('key' in part)) return []
    const value = propertyOf(part.value, 'value') ?? part.value
    return [`${index > 0 ? '; ' : ''}${part.key}=`, translate(value, frame)]
  })
  if (!parts || parts.some((part) => !('key' in part))) {
    note(node, frame, 'write the cookies as a header')
    return []
  }
  note(node, frame, 'this header replaces the cookies that servers have set')
  return [{ key: 'headers', value: object([{ key: 'cookie', value: template(pairs) }]) }]
}

/**
 * Returns a timeout as an expression. k6 reads a number, and a string without a unit, as milliseconds; burst reads both as seconds. A value that is
 * not constant is converted when the request is sent.
 */
function timeoutExpr(value: Node, frame: Frame): Expr {
  const source = constantAt(value, frame)
  const text = stringOf(source)
  const ms = numberOf(source) ?? (text !== null && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : null)
  if (ms !== null) return num(ms / 1000)
  if (text !== null && /^\d+(?:\.\d+)?(?:ms|s|m|h)$/.test(text)) return str(text)
  if (text !== null && /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return num(durationMs(text) / 1000)
  const given = translate(value, frame)
  return isLost(given) ? given : call(snippet('secondsIn'), given)
}

const mostSteps = 20

/** Returns the value of a constant, or of a member of a constant object. Returns any other node unchanged. */
function constantAt(node: Node, frame: Frame, steps = 0): Node {
  const key = keyOf(node)
  const parts = key !== null && node.type === 'MemberExpression' ? partsOf(node.object, frame) : null
  const isKnown = parts?.every((part) => 'key' in part) === true
  const value = isKnown ? partNamed(parts, key ?? '') : constantOf(node, frame)
  return value && steps < mostSteps ? constantAt(value, frame, steps + 1) : node
}

/**
 * Returns the option `redirects`. Its value is the maximum number of redirects in the options of the script. Returns an empty list if the options of
 * the script set no maximum, or if the request has the parameter `redirects`.
 */
export function redirectsOf(parts: readonly Part[], { module }: Frame): Entry[] {
  const { redirects } = module.defaults
  return redirects === null || partNamed(parts, 'redirects') ? [] : [{ key: 'redirects', value: num(redirects) }]
}
