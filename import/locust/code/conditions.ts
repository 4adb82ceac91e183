import { type Expr, binary, call, id, member, method, nil, not, num, snippet } from '../../scenario/code.ts'
import type { Frame } from '../frame.ts'
import { isAwaited } from '../module.ts'
import { dottedName } from '../python/names.ts'
import type { Py, PyStmt } from '../python/syntax.ts'
import { Lost, todoFor } from './context.ts'
import { somePy } from './declarations.ts'
import { translate } from './translator.ts'

const signs: Record<string, string> = { '==': '===', '!=': '!==', is: '===', 'is not': '!==' }

/** Functions and methods that a chain of comparisons may call twice. */
const repeatable = new Set(
  'len int float str abs min max sum round ord json get lower upper strip total_seconds'.split(' '),
)

/** Returns true for a call that must not run twice, such as a request or a call that draws a random number. */
function isRepeated(py: Py, { module }: Frame): boolean {
  if (py.t !== 'call') return false
  const name = py.of.t === 'attr' ? py.of.name : py.of.t === 'name' ? py.of.id : ''
  return isAwaited(module, py.of) || !repeatable.has(name)
}

/** Translates `a < b < c` to `a < b && b < c`. Python evaluates `b` only once. */
export function compared({ first, rest }: Extract<Py, { t: 'compare' }>, frame: Frame): Expr {
  const twice = rest.slice(0, -1).find(({ right }) => somePy(right, (py) => isRepeated(py, frame)))
  if (twice) throw new Lost(twice.right, 'this comparison would evaluate the value in the middle twice')
  const parts: Expr[] = []
  let left = first
  for (const { op, right } of rest) {
    parts.push(comparison(left, op, right, frame))
    left = right
  }
  return parts.reduce((all, one) => binary(all, '&&', one))
}

function comparison(left: Py, op: string, right: Py, frame: Frame): Expr {
  if (op === 'in' || op === 'not in') {
    const found = contains(right, left, frame)
    return op === 'in' ? found : opposite(found)
  }
  const one = translate(left, frame)
  if (right.t === 'none') return binary(one.expr, op === '==' || op === 'is' ? '==' : '!=', nil)
  if (right.t === 'list' && right.items.length === 0) return binary(member(one.expr, 'length'), signs[op] ?? op, num(0))
  const two = translate(right, frame)
  if ([one, two].some(({ type }) => type.kind === 'dict' || type.kind === 'list'))
    throw new Lost(left, 'comparisons of lists or dictionaries are not translated')
  return binary(one.expr, signs[op] ?? op, two.expr)
}

function contains(where: Py, what: Py, frame: Frame): Expr {
  const [place, wanted] = [translate(where, frame), translate(what, frame)]
  if (place.type.kind === 'lost') throw new Lost(where)
  if (place.type.kind === 'headers' || place.type.kind === 'set') return method(place.expr, 'has', wanted.expr)
  if (place.type.kind === 'any') return call(snippet('isIn'), wanted.expr, place.expr)
  const isKey = place.type.kind === 'dict' || place.type.kind === 'row'
  return isKey ? binary(wanted.expr, 'in', place.expr) : method(place.expr, 'includes', wanted.expr)
}

const opposites: Record<string, string> = {
  '===': '!==',
  '!==': '===',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  '==': '!=',
  '!=': '==',
}

/** Returns the negation of an expression in its shortest form, such as `a !== b` for `a === b`. */
export function opposite(expr: Expr): Expr {
  if (expr.k === 'unary' && expr.op === '!') return expr.of
  const isSize =
    expr.k === 'binary' && expr.op === '>' && expr.left.k === 'member' && ['length', 'size'].includes(expr.left.name)
  const other = isSize ? '===' : expr.k === 'binary' ? opposites[expr.op] : undefined
  return other !== undefined && expr.k === 'binary' ? { ...expr, op: other } : not(expr)
}

/** Throws if a condition about a response depends on a value without a counterpart. With a placeholder for this value, every response would fail. */
export function refuseLost(tests: readonly Py[], frame: Frame): void {
  if (frame.judged === null) return
  const isLost = (py: Py): boolean => py.t === 'name' && frame.scope.get(py.id)?.type.kind === 'lost'
  const lost = tests.find((test) => somePy(test, isLost))
  if (lost) throw new Lost(lost, 'this condition depends on a value that is not translated')
}

/** Translates a truth test. Empty lists and dictionaries are false in Python but true in JavaScript. */
export function condition(py: Py, frame: Frame): Expr {
  if (py.t === 'logic' && py.op === 'or' && frame.self?.kind === 'shape') return either(py, frame)
  if (py.t === 'logic')
    return binary(condition(py.left, frame), py.op === 'and' ? '&&' : '||', condition(py.right, frame))
  if (py.t === 'unary' && py.op === 'not') return opposite(condition(py.of, frame))
  const { expr, type } = translate(py, frame)
  if (type.kind === 'list') return binary(member(expr, 'length'), '>', num(0))
  // The optional access is needed because the value may be None.
  if (type.kind === 'any' && isListLike(py, frame)) return { k: 'member', of: expr, name: 'length', optional: true }
  if (type.kind === 'set') return binary(member(expr, 'size'), '>', num(0))
  if (type.kind === 'dict') return binary(member(method(id('Object'), 'keys', expr), 'length'), '>', num(0))
  if (type.kind === 'response') return member(expr, 'ok')
  return expr
}

/**
 * Translates a condition with two parts in a load shape. If one part has no counterpart, a comment replaces this part, and the other part still ends
 * the load.
 */
function either({ left, right }: Extract<Py, { t: 'logic' }>, frame: Frame): Expr {
  const parts = [left, right].flatMap((one) => {
    try {
      return [condition(one, frame)]
    } catch (error) {
      if (!(error instanceof Lost)) throw error
      frame.before.push(todoFor(frame, one, error.why))
      return []
    }
  })
  const [first, second] = parts
  if (!first) throw new Lost(left)
  return second ? binary(first, '||', second) : first
}

/** Returns a name, a member or an item, such as `body["items"]`, as text; null for any other expression. */
function placeText(py: Py): string | null {
  if (py.t === 'name') return py.id
  if (py.t === 'attr') return joined(placeText(py.of), `.${py.name}`)
  return py.t === 'sub' && py.index.t === 'str' ? joined(placeText(py.of), `[${py.index.value}]`) : null
}

function joined(of: string | null, rest: string): string | null {
  return of === null ? null : of + rest
}

/**
 * Returns true if the function uses a value as a list. Such a function iterates over the value, reads the length of the value, or reads an item by
 * its index.
 */
function isListLike(py: Py, frame: Frame): boolean {
  const place = placeText(py)
  if (place === null) return false
  const isIt = (one: Py | undefined | null): boolean => !!one && placeText(one) === place
  return somePy(frame.plan.body, (one) => {
    if (one.t === 'sub')
      return isIt(one.of) && (one.index.t === 'num' || one.index.t === 'slice' || one.index.t === 'unary')
    if (one.t === 'call')
      return isIt(one.args[0]) && (dottedName(one.of) === 'len' || (dottedName(one.of) ?? '').endsWith('choice'))
    if (one.t === 'each') return one.loops.some(({ of }) => isIt(of))
    const stmt = one as unknown as PyStmt
    return (stmt.t === 'for' || (stmt.t === 'yield' && stmt.all)) && isIt(stmt.of)
  })
}
