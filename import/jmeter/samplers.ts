import { besidePath } from '../requests/beside.ts'
import { bodyOf } from '../requests/bodies/body.ts'
import { isHeader, ownHeaders } from '../requests/headers.ts'
import { fileCall } from '../requests/bodies/multipart.ts'
import { type Settings, proxyUrl } from '../requests/settings.ts'
import { type Body, type ImportedRequest, type Pair, type Part, type Text, plainText } from '../requests/request.ts'
import type { Expr } from '../scenario/code.ts'
import { type Plan, todoFor } from './plan.ts'
import { scriptsAround } from './scripts/around.ts'
import { afterSampler } from './responses/post.ts'
import { constantText, numberIn, textIn } from './texts.ts'
import { type Branch, type Element, itemsOf, property, textOf } from './xml.ts'

/** The configuration elements that apply to the samplers at the current level of the plan and below it. */
export interface Scope {
  defaults: readonly Element[]
  headers: readonly Element[]
  timers: readonly Element[]
  /** Extractors and assertions. */
  after: readonly Element[]
}

/** Returns a property of the sampler. If the sampler does not set the property, returns the value from the nearest defaults element. */
function valueIn(name: string, element: Element, { defaults }: Scope): string {
  return [element, ...defaults.toReversed()].map((one) => textOf(one, name)).find((text) => text !== '') ?? ''
}

/** Translates an HTTP sampler to a request. */
export function requestOf(plan: Plan, { element, below }: Branch, outer: Scope): ImportedRequest {
  plan.samplerName = element.attributes['testname'] ?? ''
  const own = (name: string): Element[] => below.map((one) => one.element).filter((one) => one.name === name)
  const scope: Scope = { ...outer, headers: [...outer.headers, ...own('HeaderManager')] }
  const method = (textOf(element, 'HTTPSampler.method') || 'GET').toUpperCase()
  const args = [...argumentsOf(element), ...scope.defaults.flatMap(argumentsOf)]
  const isRaw =
    textOf(element, 'HTTPSampler.postBodyRaw') === 'true' ||
    (args.length > 0 && args.every((one) => textOf(one, 'Argument.name') === ''))
  const pairs = isRaw ? [] : pairsOf(plan, args)
  const inQuery = ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE'].includes(method)
  const headers = headersOf(plan, scope)
  const comments: string[] = []
  const sent = bodyFor(plan, element, { args, isRaw, pairs, headers, inQuery, comments })
  const around = [...outer.after, ...below.map((one) => one.element)]
  const after = afterSampler(plan, around, comments)
  const scripts = scriptsAround(plan, around, new Set(outer.after))
  plan.settings.push(settingsOf(plan, element, scope))
  if (valueIn('HTTPSampler.image_parser', element, scope) === 'true')
    comments.push(todoFor(plan, element, 'fetch embedded resources with (await ….html()).resources()'))
  const response = numberIn(plan, valueIn('HTTPSampler.response_timeout', element, scope))
  return {
    method: /^[A-Z]+$/.test(method) ? method : 'GET',
    url: urlOf(plan, element, scope),
    query: inQuery && !isRaw ? pairs : [],
    headers: sent.headers,
    body: sent.body,
    comments: [...comments, ...scripts.comments],
    ...(response !== null && response > 0 && { timeout: response / 1000 }),
    ...(textOf(element, 'HTTPSampler.follow_redirects') === 'false' &&
      textOf(element, 'HTTPSampler.auto_redirects') !== 'true' && { redirects: 0 }),
    ...(valueIn('HTTPSampler.use_keepalive', element, scope) === 'false' && { closes: true }),
    ...after,
    expectations: [...after.expectations, ...scripts.expectations],
    ...(scripts.script && { script: scripts.script }),
  }
}

/** Returns the proxy of a sampler. */
function settingsOf(plan: Plan, element: Element, scope: Scope): Settings {
  const host = constantText(plan, valueIn('HTTPSampler.proxyHost', element, scope))
  if (host === '') return {}
  const port = constantText(plan, valueIn('HTTPSampler.proxyPort', element, scope))
  const found = /^[\w.-]+$/.test(host) ? proxyUrl(`${host}${port === '' ? '' : `:${port}`}`) : null
  const hasLogin = valueIn('HTTPSampler.proxyUser', element, scope) !== ''
  if (!found || hasLogin) plan.notes.add(todoFor(plan, element, 'pass the proxy to burst run with --proxy'))
  return found ? { proxy: found.url } : {}
}

function argumentsOf(element: Element): Element[] {
  return itemsOf(element, 'HTTPsampler.Arguments', 'Arguments.arguments')
}

function pairsOf(plan: Plan, args: readonly Element[]): Pair[] {
  return args
    .filter((one) => textOf(one, 'Argument.name') !== '')
    .map((one) => ({
      name: constantText(plan, textOf(one, 'Argument.name')),
      value: valueOf(plan, one),
    }))
}

/**
 * Returns the value of a parameter. If `always_encode` is false, the value in the plan is already encoded, and JMeter sends it unchanged. burst
 * encodes every value, so this function decodes an encoded value first.
 */
function valueOf(plan: Plan, one: Element): Text {
  const value = textIn(plan, property(one, 'Argument.value')?.text ?? '')
  if (textOf(one, 'HTTPArgument.always_encode') !== 'false') return value
  return value.map((part) => (typeof part === 'string' ? decoded(part) : part))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // The value is not valid percent-encoding, so it stays unchanged.
    return text
  }
}

function headersOf(plan: Plan, { headers }: Scope): Pair[] {
  const all = headers.flatMap((one) => itemsOf(one, 'HeaderManager.headers'))
  const byName = new Map<string, Pair>()
  for (const one of all) {
    const name = constantText(plan, textOf(one, 'Header.name'))
    byName.set(name.toLowerCase(), { name, value: textIn(plan, textOf(one, 'Header.value')) })
  }
  return ownHeaders([...byName.values()].filter(({ name, value }) => isHeader(name, value)))
}

function urlOf(plan: Plan, element: Element, scope: Scope): Text {
  const path = textIn(plan, valueIn('HTTPSampler.path', element, scope))
  const [first] = path
  if (typeof first === 'string' && /^https?:\/\//i.test(first)) return path
  const rest: Text = typeof first === 'string' && /^[/?]/.test(first) ? path : ['/', ...path]
  const domain = valueIn('HTTPSampler.domain', element, scope)
  if (domain === '') return rest
  const protocol = constantText(plan, valueIn('HTTPSampler.protocol', element, scope)).toLowerCase()
  const port = constantText(plan, valueIn('HTTPSampler.port', element, scope))
  const shown = /^\d+$/.test(port) ? `:${port}` : ''
  const scheme = protocol === 'https' || port === '443' ? 'https' : 'http'
  const host = constantText(plan, domain)
  // If the host is not a constant, the URL has no host, and `-H` sets the host.
  return /^[\w.-]+$/.test(host) || /^\[[\da-f:]+\]$/i.test(host) ? [`${scheme}://${host}${shown}`, ...rest] : rest
}

interface Given {
  args: readonly Element[]
  isRaw: boolean
  pairs: readonly Pair[]
  headers: readonly Pair[]
  inQuery: boolean
  comments: string[]
}

function bodyFor(plan: Plan, element: Element, given: Given): { body: Body | null; headers: readonly Pair[] } {
  const { args, isRaw, pairs, headers, inQuery, comments } = given
  const files = itemsOf(element, 'HTTPsampler.Files', 'HTTPFileArgs.files')
  const withoutType = headers.filter(({ name }) => name.toLowerCase() !== 'content-type')
  const whole = wholeFile(plan, element, files)
  if (whole) return { body: { kind: 'body', value: whole }, headers }
  if (files.length > 0 || (textOf(element, 'HTTPSampler.DO_MULTIPART_POST') === 'true' && !inQuery)) {
    const parts = files.map((one) => filePart(plan, one))
    if (parts.some(({ file }) => file?.path === undefined))
      comments.push(todoFor(plan, element, 'a file is not beside the plan; the string TODO replaces its content'))
    return { body: { kind: 'parts', parts: [...pairs, ...parts] }, headers: withoutType }
  }
  if (isRaw) {
    const text = args.map((one) => property(one, 'Argument.value')?.text ?? '').join('')
    return text.trim() === '' ? { body: null, headers } : bodyOf(textIn(plan, text), headers)
  }
  if (inQuery || pairs.length === 0) return { body: null, headers }
  const type = headers.find(({ name }) => name.toLowerCase() === 'content-type')
  const isPlain = type === undefined || /^application\/x-www-form-urlencoded/i.test(plainText(type.value) ?? '')
  return { body: { kind: 'form', pairs }, headers: isPlain ? withoutType : headers }
}

/**
 * If a sampler has only one file, and this file has no parameter name, the file is the whole body of the request. Returns this file. Returns null if
 * the sampler sends any other body, or if the file is not beside the plan.
 */
function wholeFile(plan: Plan, element: Element, files: readonly Element[]): Expr | null {
  const [only] = files
  const isMultipart = textOf(element, 'HTTPSampler.DO_MULTIPART_POST') === 'true'
  if (!only || files.length > 1 || isMultipart || textOf(only, 'File.paramname') !== '') return null
  const found = besidePath(constantText(plan, textOf(only, 'File.path')), plan)
  return found === null ? null : fileCall(found)
}

function filePart(plan: Plan, element: Element): Part {
  const path = constantText(plan, textOf(element, 'File.path'))
  const type = textOf(element, 'File.mimetype') || undefined
  const found = besidePath(path, plan)
  const file = { name: path.split(/[/\\]/).at(-1) || 'file', type, ...(found !== null && { path: found }) }
  return { name: textOf(element, 'File.paramname') || 'file', value: ['TODO'], file }
}
