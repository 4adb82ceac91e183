import { type Expr, type Stmt, awaited, expression, member, method } from '../../scenario/code.ts'
import { valueName } from '../../scenario/names.ts'
import { Lost, declare } from '../code/context.ts'
import { everyPy, namesOf, ownParts, somePy } from '../code/declarations.ts'
import { firstYield } from '../code/yields.ts'
import { assigned, block } from '../code/translator.ts'
import { any, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import { parsedBy } from '../library/pages.ts'
import { patternOf } from '../library/patterns.ts'
import type { Py, PyStmt } from '../python/syntax.ts'
import { judged, shareVariables } from './expectations.ts'
import { guards } from './guards.ts'
import { judgingPart, leavesEarly, remaining } from './leaving.ts'
import { withoutReturns } from './returns.ts'
import { type Use, usesIn, withBody } from './responses.ts'

interface Folding {
  request: Expr
  /** The Python name of the response; null when no variable holds the response. */
  name: string | null
  /** `true` if the block ends the function. */
  isTail: boolean
}

/**
 * Translates a request together with the statements after it. Conditions on the status of the response become expectations. Later uses of the
 * response determine whether the scenario keeps the body, its JSON or the whole response.
 */
export function fold({ request, name, isTail }: Folding, after: readonly PyStmt[], frame: Frame): Stmt[] {
  if (name === null) return [...taken(frame), expression(awaited(request)), ...block(after, frame, isTail)]
  const { expectations, rest } = guards(name, after, frame, isTail)
  const sent = expectations.reduce((all, one) => method(all, 'expect', one), request)
  const uses = usesUntilReassigned(rest, name)
  const isOuter = frame.plan.variables.get(name)?.inline === false
  if (isOuter) return [...taken(frame), ...held(sent, name, uses, frame), ...block(rest, frame, isTail)]
  if (uses.length === 0) return [...taken(frame), expression(awaited(sent)), ...block(rest, frame, isTail)]
  const before = taken(frame)
  const found = whole(sent, { name, uses }, rest, frame)
  return [...before, ...found.stmts, ...block(found.rest, frame, isTail)]
}

/** Returns the statements that must precede the current statement, and empties `frame.before`. */
function taken(frame: Frame): Stmt[] {
  const { before } = frame
  frame.before = []
  return before
}

interface Found {
  stmts: Stmt[]
  rest: readonly PyStmt[]
}

function whole(
  sent: Expr,
  { name, uses }: { name: string; uses: readonly Use[] },
  rest: readonly PyStmt[],
  frame: Frame,
): Found {
  const [next, ...others] = rest
  if (uses.length === 1 && next) {
    const value = extraction(sent, next, name, frame)
    if (value) return { stmts: value, rest: others }
  }
  if (readsOnlyPage(rest, { name, uses }, frame)) return { stmts: [bodyVariable(sent, name, 'html', frame)], rest }
  if (uses.every((use) => use === 'json')) return { stmts: [bodyVariable(sent, name, 'json', frame)], rest }
  if (uses.every((use) => use === 'text')) return { stmts: [bodyVariable(sent, name, 'text', frame)], rest }
  return { stmts: held(sent, name, uses, frame), rest }
}

/** Declares a variable that holds only the body of the response. */
function bodyVariable(sent: Expr, name: string, what: 'json' | 'text' | 'html', frame: Frame): Stmt {
  const [own, kind] = ({ json: ['body', 'parsed'], text: ['text', 'read'], html: ['page', 'html'] } as const)[what]
  const taken = frame.names.take(own)
  frame.scope.set(name, { name: taken, type: { kind } })
  return { k: 'var', kind: 'const', name: taken, value: awaited(method(sent, what)) }
}

/** Returns true if code uses a response only in `BeautifulSoup(response.text)`. */
function readsOnlyPage(
  rest: readonly PyStmt[],
  { name, uses }: { name: string; uses: readonly Use[] },
  frame: Frame,
): boolean {
  let parses = 0
  everyPy(rest, (py) => {
    const of = parsedBy(py, frame)
    if (of?.t === 'name' && of.id === name) parses++
  })
  return parses > 0 && uses.every((use) => use === 'text') && parses >= uses.length
}

/** Translates `data = response.json()` and `m = re.search(…, response.text).group(1)` directly after the request. */
function extraction(sent: Expr, next: PyStmt, name: string, frame: Frame): Stmt[] | null {
  const [target, ...more] = next.t === 'assign' ? next.targets : []
  if (next.t !== 'assign' || more.length > 0 || !target || !next.value) return null
  const { value } = next
  const key = value.t === 'sub' && value.index.t === 'str' && isJson(value.of, name) ? value.index.value : null
  if (key !== null && target.t === 'name' && isSameName(target.id, key, frame)) {
    declare(frame, target.id, any)
    return [{ k: 'var', kind: 'const', name: { object: [[key, key]] }, value: awaited(method(sent, 'json')) }]
  }
  if (key !== null) return assigned(target, { expr: member(awaited(method(sent, 'json')), key), type: any }, frame)
  const body = bodyOf(value, sent, name, frame)
  return body && assigned(target, body, frame)
}

/** Returns true if the TypeScript name of a variable equals the key of the JSON value, and only this statement assigns the variable. */
function isSameName(id: string, key: string, frame: Frame): boolean {
  const known = frame.plan.variables.get(id)
  return valueName(id) === key && known?.writes === 1 && known.inline
}

/** Translates an expression that reads the whole body, its JSON, its page or a part of its text. Returns null for any other expression. */
function bodyOf(value: Py, sent: Expr, name: string, frame: Frame): Value | null {
  if (isJson(value, name)) return { expr: awaited(method(sent, 'json')), type: any }
  if (isText(value, name)) return { expr: awaited(method(sent, 'text')), type: text }
  const parsed = parsedBy(value, frame)
  if (parsed?.t === 'name' && parsed.id === name) return { expr: awaited(method(sent, 'html')), type: { kind: 'page' } }
  const pattern = firstGroup(value, name, frame)
  return pattern && { expr: awaited(method(sent, 'match', pattern)), type: text }
}

function isJson(py: Py, name: string): boolean {
  const of =
    py.t === 'call' && py.of.t === 'attr' && py.of.name === 'json'
      ? py.of.of
      : py.t === 'attr' && py.name === 'js'
        ? py.of
        : null
  return of?.t === 'name' && of.id === name
}

function isText(py: Py, name: string): boolean {
  return py.t === 'attr' && ['text', 'content'].includes(py.name) && py.of.t === 'name' && py.of.id === name
}

/** Returns the pattern in `re.search(pattern, response.text).group(1)`; null for any other expression. */
function firstGroup(py: Py, name: string, frame: Frame): Expr | null {
  if (py.t !== 'call' || py.of.t !== 'attr' || py.of.name !== 'group' || py.of.of.t !== 'call') return null
  const { of } = py.of
  const [pattern, where] = of.args
  const isSearch = of.of.t === 'attr' && of.of.name === 'search' && frame.module.imports.get('re') === 're'
  if (!isSearch || !where || !isText(where, name) || of.args.length > 2 || of.named.length > 0) return null
  return py.args[0]?.t === 'num' && py.args[0].value === 1 ? patternOf(pattern) : null
}

/** Declares a variable that holds the response. Keeps the body only if later code reads the body. */
function held(sent: Expr, name: string, uses: readonly Use[], frame: Frame): Stmt[] {
  const needsBody = uses.some((use) => use !== 'light' && use !== 'judge')
  const value = needsBody && !keepsBody(sent) ? withBody(sent) : sent
  return assigned(
    { at: 1, from: 0, to: 0, t: 'name', id: name },
    { expr: awaited(value), type: { kind: 'response' } },
    frame,
  )
}

function keepsBody(sent: Expr): boolean {
  if (sent.k !== 'call' || sent.of.k !== 'member') return false
  const isFunction =
    sent.of.name === 'expect' &&
    sent.args.some(
      (arg) =>
        arg.k === 'arrow' ||
        (arg.k === 'object' && arg.entries.some((entry) => 'key' in entry && entry.key === 'body')),
    )
  return isFunction || keepsBody(sent.of.of)
}

/** Returns how statements use the response. Stops at the first statement that assigns another value to the variable of the response. */
function usesUntilReassigned(stmts: readonly PyStmt[], name: string): Use[] {
  const end = stmts.findIndex((stmt) => stmt.t === 'assign' && stmt.targets.flatMap(namesOf).includes(name))
  const last = stmts[end]
  const own = end === -1 ? stmts : stmts.slice(0, end)
  return [...usesIn(own, name), ...(last ? usesIn(ownParts(last), name) : [])]
}

/** Translates `with self.client.get(…, catch_response=True) as response:` and the block of this statement. */
export function foldJudged(
  { request, name, isTail }: Folding & { name: string },
  inside: readonly PyStmt[],
  frame: Frame,
): Stmt[] {
  const last = inside.findLastIndex((stmt) => usesIn(stmt, name).includes('judge') || stmt.t === 'raise')
  const [head, tail] = [inside.slice(0, last + 1), inside.slice(last + 1)]
  const early = firstYield(head)
  if (early) throw new Lost(early, 'this yield comes before the code that judges the response')
  const isPassedOn = somePy(inside, (py) => py.t === 'call' && py.judges === name)
  if (!isPassedOn && leavesEarly(head, { name, isLast: isTail && tail.length === 0, isTask: frame.isTask }))
    return foldLeaving({ request, name, isTail }, inside, frame)
  shareVariables(head, tail, frame)
  const returning = isPassedOn ? withoutReturns(head, isTail && tail.length === 0, frame) : null
  const before = taken(frame)
  const sent = head.length > 0 ? judged(request, returning?.stmts ?? head, name, frame) : request
  if (!returning) return [...before, ...fold({ request: sent, name, isTail }, tail, frame)]
  return [...before, expression(awaited(sent)), ...returning.after, ...block(tail, frame, isTail)]
}

/**
 * Translates a block that leaves its function or its loop. The scenario first decides whether the request failed, and then runs the rest of the block
 * as plain code.
 */
function foldLeaving(
  { request, name, isTail }: Folding & { name: string },
  inside: readonly PyStmt[],
  frame: Frame,
): Stmt[] {
  const judging = judgingPart(inside, name)
  const before = taken(frame)
  const own = { ...frame, names: frame.names.copy() }
  const sent = judging.length > 0 ? judged(request, judging, name, own) : request
  const rest = remaining(inside, name)
  const read = rest.filter(
    (stmt, index) => stmt.t !== 'assign' || !isUnread(stmt.targets.flatMap(namesOf), rest.slice(index + 1), frame),
  )
  const uses = usesUntilReassigned(read, name)
  if (uses.length === 0) return [...before, expression(awaited(sent)), ...block(read, frame, isTail)]
  const found = whole(sent, { name, uses }, read, frame)
  return [...before, ...found.stmts, ...block(found.rest, frame, isTail)]
}

/** Returns true if no later statement reads the names that an assignment declares. */
function isUnread(names: readonly string[], later: readonly PyStmt[], frame: Frame): boolean {
  if (names.length === 0 || names.some((name) => frame.plan.variables.get(name)?.inline !== true)) return false
  return !somePy(later, (py) => py.t === 'name' && names.includes(py.id))
}
