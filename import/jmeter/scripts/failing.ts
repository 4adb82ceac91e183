import { type Expr, type Stmt, arrow, make, str } from '../../scenario/code.ts'
import { namesIn, withNames } from '../../scenario/walk.ts'
import { booleanOf, negated } from '../expressions/operands.ts'
import { operandIn } from '../expressions/parse.ts'
import type { Line } from './reading.ts'
import { type State, responseName } from './statements.ts'

const marks =
  /^(?:(?:prev|SampleResult)\.setSuccessful\(\s*false\s*\)|AssertionResult\.setFailure\(\s*true\s*\)|(?:AssertionResult\.f|F)ailure\s*=\s*true)$/
const messages =
  /^(?:AssertionResult\.setFailureMessage\(([\s\S]+)\)|(?:prev|SampleResult)\.setResponseMessage\(([\s\S]+)\)|(?:AssertionResult\.f|F)ailureMessage\s*=([\s\S]+))$/

/**
 * Translates an `if` that only marks the request as failed. A condition about the response becomes an expectation, and any other condition becomes an
 * `if` that throws an error. Returns null for any other `if`.
 */
export function failingOf({ branches }: Line, state: State): Stmt[] | null {
  if (!branches || branches.no.length > 0) return null
  const lines = branches.yes.map(({ text, branches: inner }) => (inner ? '' : text))
  const isOnly = lines.every((line) => marks.test(line) || messages.test(line) || /^(?:log\.\w+\(|return$)/.test(line))
  if (!isOnly || !lines.some((line) => marks.test(line) || messages.test(line))) return null
  const test = operandIn(state.plan, branches.test, state.scope)
  if (!test) return null
  const message = messageIn(lines, state)
  const condition = booleanOf(test, state.scope)
  const whole = withValues(condition, state.values)
  if (!namesIn(whole).has(responseName)) return [thrown(condition, message)]
  const locals = new Set([...state.scope.locals.values()].flatMap(({ expr }) => (expr.k === 'id' ? [expr.name] : [])))
  if ([...namesIn(whole)].some((name) => locals.has(name))) return null
  state.expectations.push([
    arrow(['response'], withNames(negated(whole), new Map([[responseName, 'response']]))),
    ...(message ? [message] : []),
  ])
  return []
}

function thrown(test: Expr, message: Expr | null): Stmt {
  const error: Stmt = { k: 'throw', of: make('Error', message ?? str('the script marks the request as failed')) }
  return { k: 'if', test, yes: [error], no: [] }
}

/**
 * Returns the constant text at the beginning of the failure message, up to the first inserted value. Returns null if the message does not begin with
 * constant text.
 */
function messageIn(lines: readonly string[], { plan, scope }: State): Expr | null {
  const [, one, two, three] = lines.map((line) => messages.exec(line)).find((found) => found !== null) ?? []
  const text = one ?? two ?? three
  const found = text === undefined ? null : operandIn(plan, text, scope)
  if (found?.expr.k === 'str') return found.expr
  const [first] = found?.expr.k === 'template' ? found.expr.parts : []
  const plain = typeof first === 'string' ? first.replace(/[\s:=([]+$/, '') : ''
  return plain === '' ? null : str(plain)
}

/** Replaces the constants in an expression with their values. */
function withValues<T>(piece: T, values: ReadonlyMap<string, Expr>): T {
  if (typeof piece !== 'object' || piece === null) return piece
  if (Array.isArray(piece)) return piece.map((one: unknown) => withValues(one, values)) as T
  if ('k' in piece && piece.k === 'id' && 'name' in piece) {
    const value = values.get(String(piece.name))
    return value ? withValues(value as T, values) : piece
  }
  return Object.fromEntries(Object.entries(piece).map(([key, one]) => [key, withValues(one as unknown, values)])) as T
}
