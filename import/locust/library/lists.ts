import { type Expr, array, spread } from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { collected } from '../code/generators.ts'
import { translate } from '../code/translator.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'

/** Returns the positional arguments. At least `least` arguments are required. */
export function argumentsOf(py: Call, frame: Frame, least: number): Value[] {
  if (py.args.length < least || py.args.some(({ t }) => t === 'star')) throw new Lost(py)
  const values = py.args.map((arg) => collected(translate(arg, frame), frame))
  if (values.some(({ type }) => type.kind === 'lost')) throw new Lost(py)
  return values
}

/** Moves the named arguments of a call to the positions of the parameters `params`, and returns the changed call. */
export function positional(py: Call, params: readonly string[]): Call {
  const args = [...py.args]
  for (const name of params.slice(args.length)) {
    const given = py.named.find((one) => one.name === name)
    if (!given) break
    args.push(given.value)
  }
  return { ...py, args, named: py.named.filter(({ name }) => name === null || !params.includes(name)) }
}

/** Returns the first positional argument, untranslated. */
export function only(py: Call): Py {
  const [arg] = py.args
  if (!arg || arg.t === 'star') throw new Lost(py)
  return arg
}

/** Converts a value to a list. The value may be any iterable. */
export function listed({ expr, type }: Value): Expr {
  const isText = expr.k === 'str' || expr.k === 'template'
  return ['list', 'any'].includes(type.kind) && !isIterator(expr) && !isText ? expr : array([spread(expr)])
}

function isIterator(expr: Expr): boolean {
  return (
    expr.k === 'call' &&
    expr.of.k === 'member' &&
    ['keys', 'entries', 'values'].includes(expr.of.name) &&
    expr.args.length === 0
  )
}
