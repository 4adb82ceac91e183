import { type Entry, type Expr, call, id, str, template } from '../../scenario/code.ts'
import { Names, camelCase } from '../../scenario/names.ts'
import { orPlaceholder } from '../code/context.ts'
import { textOf, textParts } from '../code/text.ts'
import { translate, translateOr } from '../code/translator.ts'
import type { Frame } from '../frame.ts'
import { dottedName } from '../python/names.ts'
import type { FormatPart, Py } from '../python/syntax.ts'
import { isUser } from '../self.ts'

/** The URL of a request as a route, and the options that hold the varying parts of the URL. */
export interface Route {
  route: Expr
  params: Entry[]
  query: Entry[]
  /** A query that is a single string, such as the result of `urlencode`. */
  queryText?: Expr
  /** The name under which burst counts the request, if it differs from the route. */
  name: string | null
}

/** Returns the URL of a request as a burst route. Varying parts of the path become parameters; varying parts of the query become an option. */
export function routeOf(url: Py, frame: Frame): Route {
  const parts = withConstants(withoutHost(textParts(url) ?? [{ value: url }], frame), frame)
  const isWritten = parts.every((part) => part.value === undefined)
  const whole = parts.map(({ text = '' }) => text).join('')
  if (isWritten) return { ...none, route: str(ofHost(whole, frame) || '/') }
  const { path, query } = atQuery(parts)
  const found = path.some(({ value }) => value)
    ? pathOf(path, frame)
    : { ...none, route: str(ofHost(path.map(({ text = '' }) => text).join(''), frame) || '/') }
  const first = query.find(({ text, value }) => value ?? text)
  // A query that begins with an expression is a string that other code has built.
  if (first?.value) return { ...found, queryText: textOf(query, frame) }
  return { ...found, query: queryOf(query, frame) }
}

/**
 * Inserts the values of constants into a path that also has varying parts. The route then shows these values, because burst counts the request under
 * its route.
 */
function withConstants(parts: readonly FormatPart[], { module, scope }: Frame): FormatPart[] {
  const textOfPart = ({ value, spec = '' }: FormatPart): string | null => {
    const name = value && spec === '' ? dottedName(value) : null
    const [first = ''] = name?.split('.') ?? []
    const found = name === null || scope.has(first) ? undefined : module.values.get(name)
    return found?.k === 'str' && found.value.startsWith('/') ? found.value : null
  }
  const varies = parts.some((part) => part.value && textOfPart(part) === null)
  if (!varies) return [...parts]
  return joinedTexts(
    parts.map((part) => {
      const text = part.value ? textOfPart(part) : null
      return text === null ? part : { text }
    }),
  )
}

function joinedTexts(parts: readonly FormatPart[]): FormatPart[] {
  const found: FormatPart[] = []
  for (const part of parts) {
    const last = found.at(-1)
    if (part.value === undefined && last && last.value === undefined) last.text = (last.text ?? '') + (part.text ?? '')
    else found.push({ ...part })
  }
  return found
}

const none: Route = { route: str('/'), params: [], query: [], name: null }

/** Adds the host of the class to a path if this host differs from the host of the scenario. */
function ofHost(path: string, frame: Frame): string {
  const other = frame.self?.host ?? null
  return other !== null && path.startsWith('/') ? other + path : path
}

/**
 * Returns the parts of a URL after the host. The host is `self.host` or a constant that contains the host. If the URL does not begin with the host,
 * returns all parts.
 */
function withoutHost(parts: readonly FormatPart[], frame: Frame): FormatPart[] {
  const [first, second, ...rest] = parts
  if (!first?.value || second?.text === undefined || !isHost(first.value, frame)) return [...parts]
  return [second.text.startsWith('/') ? second : { text: `/${second.text}` }, ...rest]
}

function isHost(py: Py, frame: Frame): boolean {
  if (py.t === 'attr' && py.name === 'host')
    return isUser(py.of, frame) || (dottedName(py.of) ?? '').endsWith('environment')
  return py.t === 'attr' && py.name === 'base_url' ? true : py.t === 'name' && frame.module.hosts.has(py.id)
}

function atQuery(parts: readonly FormatPart[]): { path: FormatPart[]; query: FormatPart[] } {
  const index = parts.findIndex(({ text }) => text?.includes('?'))
  const text = parts[index]?.text
  if (text === undefined) return { path: [...parts], query: [] }
  const mark = text.indexOf('?')
  return {
    path: [...parts.slice(0, index), { text: text.slice(0, mark) }].filter((part) => part.text !== ''),
    query: [{ text: text.slice(mark + 1) }, ...parts.slice(index + 1)],
  }
}

function pathOf(parts: readonly FormatPart[], frame: Frame): Route {
  const names = new Names()
  const params: Entry[] = []
  let [route, isPlain] = ['', true]
  for (const [index, { text, value, spec }] of parts.entries()) {
    if (!value) {
      route += (text ?? '').replaceAll(/\/:(?=\w)/g, '/%3A')
      continue
    }
    const name = names.take(paramName(value))
    isPlain &&=
      route.endsWith('/') &&
      !/^\w/.test(parts[index + 1]?.text ?? '') &&
      parts[index + 1]?.value === undefined &&
      !isPathLike(value, parts, index)
    params.push({ key: name, value: unquoted(paramValue(value, frame, spec)) })
    route += `:${name}`
  }
  if (isPlain) return { route: str(ofHost(route, frame)), params, query: [], name: null }
  return wholeTemplate(parts, params, route)
}

/**
 * Handles a path that cannot be a route. The scenario builds such a path as a string. The request gets a name, unless only the beginning of the path
 * varies.
 */
function wholeTemplate(parts: readonly FormatPart[], params: readonly Entry[], route: string): Route {
  let next = 0
  const pieces = parts.map(({ text, value }): string | Expr => {
    const param = params[next]
    if (!value || !param || !('key' in param)) return text ?? ''
    next++
    return param.value
  })
  const [only] = params
  if (parts.length === 1 && only && 'value' in only) return { ...none, route: only.value }
  const startsOpen = parts[0]?.value !== undefined
  const later = parts.slice(1).some(({ value }) => value)
  const named = startsOpen ? route.replace(/^:\w+/, '') : route
  return {
    route: template(pieces),
    params: [],
    query: [],
    name: (startsOpen ? later : true) && named.startsWith('/') ? named : null,
  }
}

/**
 * Returns true if a value may contain slashes. The function assumes slashes if both conditions hold: the value is at the end of the path, and the
 * name of the value ends with a word such as `path` or `url`.
 */
function isPathLike(value: Py, parts: readonly FormatPart[], index: number): boolean {
  return (
    index === parts.length - 1 &&
    /(?:path|url|uri|href|link|endpoint|route|page_name|slug_path)$/i.test(lastWord(value) ?? '')
  )
}

function paramValue(value: Py, frame: Frame, spec = ''): Expr {
  if (spec !== '') return onlyPart(textOf([{ value, spec }], frame))
  const { expr, type } = orPlaceholder(frame, value, () => translate(withoutText(value), frame))
  return type.kind === 'bool' ? call(id('String'), expr) : expr
}

function withoutText(value: Py): Py {
  const [only] = value.t === 'call' ? value.args : []
  return value.t === 'call' && value.of.t === 'name' && value.of.id === 'str' && only ? only : value
}

/** Removes the call that encodes a value, because burst encodes values itself. */
function unquoted(expr: Expr): Expr {
  const [only] = expr.k === 'call' ? expr.args : []
  return expr.k === 'call' && expr.of.k === 'id' && expr.of.name === 'encodeURIComponent' && only ? only : expr
}

function lastWord(value: Py): string | null {
  if (value.t === 'name') return value.id
  if (value.t === 'attr') return value.name
  if (value.t === 'sub' && value.index.t === 'str') return value.index.value
  if (value.t === 'sub') return lastWord(value.of)
  if (value.t !== 'call') return null
  const inside = value.args[0]
  if (value.of.t === 'attr' && value.of.name === 'get' && inside?.t === 'str') return inside.value
  return inside && value.of.t === 'name'
    ? lastWord(inside)
    : inside && value.of.t === 'attr' && value.of.name === 'choice'
      ? singular(lastWord(inside))
      : null
}

function singular(word: string | null): string | null {
  return word === null
    ? null
    : word
        .toLowerCase()
        .replace(/ies$/, 'y')
        .replace(/(?<=[^s])s$/, '')
}

function paramName(value: Py): string {
  return camelCase(lastWord(value) ?? '', 'id')
}

/** Translates `a=1&b={b}` to an object. */
function queryOf(parts: readonly FormatPart[], frame: Frame): Entry[] {
  const pairs: FormatPart[][] = [[]]
  for (const part of parts) {
    const [first = '', ...rest] = part.text?.split('&') ?? []
    pairs.at(-1)?.push(...(part.text === undefined ? [part] : withText(first)))
    pairs.push(...rest.map(withText))
  }
  return pairs.filter((pair) => pair.length > 0).map((pair) => queryEntry(pair, frame))
}

function queryEntry([first = {}, ...rest]: readonly FormatPart[], frame: Frame): Entry {
  if (first.value)
    return {
      computed: translateOr(first.value, frame).expr,
      value: pieces(
        rest.map((one) => ({ ...one, text: one.text?.replace(/^=/, '') ?? '' })),
        frame,
      ),
    }
  const [key = '', ...value] = (first.text ?? '').split('=')
  return { key: decoded(key), value: pieces([{ text: decoded(value.join('=')) }, ...rest], frame) }
}

function pieces(parts: readonly FormatPart[], frame: Frame): Expr {
  const own = parts.filter(({ text, value }) => value ?? text)
  const [only] = own
  if (own.length === 1 && only?.value) return unquoted(paramValue(only.value, frame, only.spec))
  return template(own.map(({ text, value, spec }) => (value ? unquoted(paramValue(value, frame, spec)) : (text ?? ''))))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function withText(text: string): FormatPart[] {
  return text === '' ? [] : [{ text }]
}

/** Returns the inner expression of a template that contains only one expression. Returns any other expression unchanged. */
function onlyPart(expr: Expr): Expr {
  const [only] = expr.k === 'template' ? expr.parts : []
  return expr.k === 'template' && expr.parts.length === 1 && only !== undefined && typeof only !== 'string'
    ? only
    : expr
}
