import {
  type Expr,
  type Stmt,
  array,
  arrow,
  assign,
  at,
  awaited,
  binary,
  constant,
  expression,
  id,
  member,
  method,
  num,
  self,
  spread,
  str,
} from '../scenario/code.ts'
import type { Names } from '../scenario/names.ts'
import type { Extraction, Found, FoundElement } from './request.ts'

/**
 * Returns the statements that send a request and read values from its response. If there is a single value and `isShort` returns true, the statement
 * that sends the request also reads the value. Otherwise, a variable stores the response, its JSON or its page, and other statements read the values.
 */
export function extracted(pending: Expr, extractions: readonly Extraction[], names: Names): Stmt[] {
  const [first] = extractions
  if (!first) return [expression(awaited(pending))]
  if (extractions.length === 1 && isShort(first, pending)) return [given(first.to, takenFrom(pending, first.found))]
  const isOfPage = extractions.map(({ found }) => 'css' in found)
  if (isOfPage.every(Boolean)) {
    const page = names.take('page')
    return [constant(page, awaited(method(pending, 'html'))), ...extractions.map((one) => valueStmt(one, id(page)))]
  }
  if (isOfPage.includes(true)) return withPage(pending, extractions, names)
  if (extractions.every(({ found }) => 'json' in found)) {
    const body = names.take('body')
    const values = extractions.map((one) => valueStmt(one, id(body), true))
    return [constant(body, awaited(method(pending, 'json'))), ...values]
  }
  const response = names.take('response')
  const kept = method(pending, 'expect', arrow(['found'], member(id('found'), 'ok')))
  return [constant(response, awaited(kept)), ...extractions.map((one) => valueStmt(one, id(response)))]
}

/**
 * Declares a variable for the response, and reads values from it. If the request has neither a check nor an expectation, adds a check, so that burst
 * keeps the body of the response.
 */
export function responseStmts(pending: Expr, extractions: readonly Extraction[], name: string): Stmt[] {
  const isKept = pending.k === 'call' && pending.of.k === 'member' && ['check', 'expect'].includes(pending.of.name)
  const kept = isKept
    ? pending
    : method(pending, 'check', str('status is below 400'), arrow(['response'], member(id('response'), 'ok')))
  return [constant(name, awaited(kept)), ...extractions.map((one) => valueStmt(one, id(name)))]
}

/** Reads values from a response that a variable contains. */
export function readStmts(extractions: readonly Extraction[], response: Expr): Stmt[] {
  return extractions.map((one) => valueStmt(one, response))
}

/** Returns true if the statement that sends the request can also read the value. */
function isShort({ found, which }: Extraction, pending: Expr): boolean {
  if (which !== undefined) return false
  if ('css' in found) return found.pattern !== undefined
  if ('match' in found || 'json' in found) if ((found.otherwise ?? '') !== '') return false
  return !('json' in found && isGraphql(pending))
}

/** Returns true for a call of `graphql`, even if other calls are chained to it. */
function isGraphql(pending: Expr): boolean {
  if (pending.k !== 'call' || pending.of.k !== 'member') return false
  return pending.of.name === 'graphql' || isGraphql(pending.of.of)
}

/** Declares variables for the request, its response and the page, and reads the values from the response and the page. */
function withPage(pending: Expr, extractions: readonly Extraction[], names: Names): Stmt[] {
  const [request, response, page] = [names.take('request'), names.take('response'), names.take('page')]
  const kept = method(id(request), 'expect', arrow(['found'], member(id('found'), 'ok')))
  const both = method(id('Promise'), 'all', array([kept, method(id(request), 'html')]))
  return [
    constant(request, pending),
    constant({ array: [response, page] }, awaited(both)),
    ...extractions.map((one) => valueStmt(one, id('css' in one.found ? page : response))),
  ]
}

/** Returns the statement that reads a value. If `isJson` is true, `of` is the JSON of a response. Otherwise, `of` is a response or a page. */
function valueStmt({ to, found, which }: Extraction, of: Expr, isJson = false): Stmt {
  if ('header' in found) return given(to, orElse(method(member(of, 'headers'), 'get', str(found.header)), ''))
  if (which !== undefined) return given(to, chosen(found, which, of, isJson))
  if ('css' in found) return given(to, elementIn(of, found))
  if ('json' in found) return given(to, jsonAt(isJson ? of : method(of, 'json'), found))
  const matched = method({ k: 'regex', source: found.match, flags: '' }, 'exec', member(of, 'body'))
  const group = hasGroup(found.match) ? num(1) : num(0)
  return given(to, orElse({ k: 'index', of: matched, at: group, optional: true }, found.otherwise ?? ''))
}

/** Returns the code that reads all values, a random value, or the value with a given index. */
function chosen(
  found: Exclude<Found, { header: string }>,
  which: 'all' | 'random' | number,
  of: Expr,
  isJson: boolean,
): Expr {
  if ('json' in found) return chosenJson(found, which, isJson ? of : method(of, 'json'))
  const list = 'css' in found ? elementsIn(of, found) : matchesIn(member(of, 'body'), found.match)
  if (which === 'all') return list
  if (which === 'random') return method(member(self, 'random'), 'pick', list)
  return orElse(at(list, num(which)), found.otherwise ?? '')
}

function chosenJson(
  { json, otherwise = '' }: Extract<Found, { json: unknown }>,
  which: 'all' | 'random' | number,
  body: Expr,
): Expr {
  if (which === 'random') return along(body, json, pickedAny)
  const list = listAlong(body, json)
  return which === 'all' ? list : orElse(at(list, num(which)), otherwise)
}

function pickedAny(list: Expr): Expr {
  return { k: 'call', of: member(member(self, 'random'), 'pick'), args: [list], types: 'any' }
}

/**
 * Returns the code that reads all values at a path. If the path has no `[*]`, the values are the items of the list at the path, or the single value
 * at the path.
 */
function listAlong(of: Expr, path: readonly (string | number | null)[]): Expr {
  const each = path.indexOf(null)
  if (each === -1) return method(array([along(of, path)]), 'flat')
  const list = along(of, path.slice(0, each))
  const rest = path.slice(each + 1)
  if (rest.length === 0) return list
  const item = [{ name: 'one', type: 'any' }]
  return rest.includes(null)
    ? method(list, 'flatMap', arrow(item, listAlong(id('one'), rest)))
    : method(list, 'map', arrow(item, along(id('one'), rest)))
}

/** Returns the texts or attributes of all elements that a selector matches. */
function elementsIn(page: Expr, { css, attribute, otherwise }: FoundElement): Expr {
  const value =
    attribute === ''
      ? member(id('one'), 'textContent')
      : orElse(method(id('one'), 'getAttribute', str(attribute)), otherwise)
  return method(method(page, 'querySelectorAll', str(css)), 'map', arrow(['one'], value))
}

/** Returns the code that reads the first capturing group of each match, or the whole match if the pattern has no group. */
function matchesIn(text: Expr, pattern: string): Expr {
  const all = array([spread(method(text, 'matchAll', { k: 'regex', source: pattern, flags: 'g' }))])
  const shape = { array: hasGroup(pattern) ? [null, 'one'] : ['one'] }
  const value = hasGroup(pattern) ? orElse(id('one'), '') : id('one')
  return method(all, 'map', arrow([{ name: shape }], value))
}

/** Returns true if a pattern has a capturing group without a name. */
function hasGroup(pattern: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*\((?!\?)/.test(pattern)
}

/** Returns the text or an attribute of an element of a page. */
function elementIn(page: Expr, { css, attribute, otherwise, index = 0 }: FoundElement): Expr {
  const element =
    index === 0 ? method(page, 'querySelector', str(css)) : at(method(page, 'querySelectorAll', str(css)), num(index))
  const value: Expr =
    attribute === ''
      ? { k: 'member', of: element, name: 'textContent', optional: true }
      : { k: 'call', of: { k: 'member', of: element, name: 'getAttribute', optional: true }, args: [str(attribute)] }
  return orElse(value, otherwise)
}

function given(to: Expr, value: Expr): Stmt {
  return to.k === 'id' ? constant(to.name, value) : expression(assign(to, value))
}

function takenFrom(pending: Expr, found: Found): Expr {
  if ('header' in found) return awaited(method(pending, 'header', str(found.header)))
  const pattern = 'match' in found ? found.match : 'css' in found ? found.pattern : undefined
  if (pattern !== undefined) return awaited(method(pending, 'match', { k: 'regex', source: pattern, flags: '' }))
  return 'json' in found ? jsonAt(awaited(method(pending, 'json')), found) : pending
}

function orElse(value: Expr, otherwise: string): Expr {
  return binary(value, '??', str(otherwise))
}

/** Returns the code that reads the value at a path. If there is a default, the code uses it for a missing value instead of throwing an error. */
function jsonAt(of: Expr, { json, otherwise = '' }: Extract<Found, { json: unknown }>): Expr {
  if (otherwise === '' || json.length === 0) return along(of, json)
  const value = json.reduce<Expr>(
    (found, key, index) => ({
      k: 'index',
      of: found,
      at: typeof key === 'string' ? str(key) : num(key ?? 0),
      ...(index > 0 && { optional: true }),
    }),
    of,
  )
  return orElse(value, otherwise)
}

/** Returns the code that reads the value at a path. If `item` is absent, `[*]` means the first item. */
function along(
  of: Expr,
  path: readonly (string | number | null)[],
  item: (list: Expr) => Expr = (list) => at(list, num(0)),
): Expr {
  return path.reduce<Expr>((found, key) => {
    if (key === null) return item(found)
    return at(found, typeof key === 'number' ? num(key) : str(key))
  }, of)
}
