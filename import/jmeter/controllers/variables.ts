import {
  type Expr,
  type Stmt,
  assign,
  binary,
  call,
  constant,
  expression,
  id,
  member,
  method,
  num,
  self,
  str,
  template,
} from '../../scenario/code.ts'
import { membersOfUser, pascalCase, valueName } from '../../scenario/names.ts'
import { type Plan, todoFor } from '../plan.ts'
import { numberIn } from '../texts.ts'
import { type Element, textOf } from '../xml.ts'
import { takeLocal } from './parents.ts'
import type { Step } from './step.ts'

/** Adds a field to the user. */
export function userField(plan: Plan, wanted: string, value: Expr): Expr {
  const name = plan.memberNames.take(membersOfUser.has(wanted) ? `${wanted}_` : wanted)
  plan.state.set(name, value)
  if (value.k === 'num') plan.numeric.add(name)
  return member(self, name)
}

/** Adds a variable that all users of a worker share. */
export function sharedNumber(plan: Plan, wanted: string, value: number): Expr {
  const name = plan.topNames.take(wanted)
  plan.top.push({ k: 'var', kind: 'let', name, value: num(value) })
  plan.numeric.add(name)
  return id(name)
}

interface Counter {
  start: number
  step: number
  end: number | null
  format: string
}

/** Reads a counter element. The value of the counter becomes a field of the user. */
export function readCounter(plan: Plan, element: Element): void {
  const name = textOf(element, 'CounterConfig.name')
  const number = (key: string): number | null => numberIn(plan, textOf(element, `CounterConfig.${key}`))
  const counter: Counter = {
    start: number('start') ?? 0,
    step: number('incr') ?? 1,
    end: number('end'),
    format: textOf(element, 'CounterConfig.format'),
  }
  const field = userField(plan, valueName(name, 'count'), num(counter.start - counter.step))
  const isOfUser = textOf(element, 'CounterConfig.per_user') === 'true'
  const last = isOfUser ? field : sharedNumber(plan, `last${pascalCase(name, 'Count')}`, counter.start - counter.step)
  const next = nextOf(last, counter)
  const count = expression(
    isOfUser ? next : assign(field, isIncrement(next) ? { k: 'unary', op: '++', of: last } : next),
  )
  if (!isOfUser)
    plan.notes.add(todoFor(plan, element, 'each worker counts separately, so several workers use the same numbers'))
  const shown = formatted(field, counter.format)
  if (!shown) plan.notes.add(todoFor(plan, element, `the format ${counter.format} is left out`))
  plan.computed.set(name, shown ?? field)
  plan.counts.set(element, { count, reset: expression(assign(field, num(counter.start - counter.step))) })
}

function isIncrement(expr: Expr): boolean {
  return expr.k === 'postfix'
}

/** Returns the expression that sets a counter to its next number. A counter that would exceed its maximum starts again at its first number. */
function nextOf(of: Expr, { start, step, end }: Counter): Expr {
  if (end === null) return step === 1 ? { k: 'postfix', op: '++', of } : assign(of, num(step), '+=')
  const next = binary(of, '+', num(step))
  return assign(of, { k: 'cond', test: binary(next, '>', num(end)), yes: num(start), no: { ...next } })
}

/** Translates formats such as `000` and `user_000`. Returns null for any other format. */
function formatted(of: Expr, format: string): Expr | null {
  if (format === '') return of
  const [, before = '', zeros = ''] = /^([^#0,.;%E']*)(0+)$/.exec(format) ?? []
  if (zeros === '') return null
  const text = method(call(id('String'), of), 'padStart', num(zeros.length), str('0'))
  return before === '' ? text : template([before, text])
}

/** The step that declares a variable of a block, and the expression that reads the variable. */
interface Declared {
  step: Step
  local: readonly [name: string, expr: () => Expr]
}

/** Translates a random variable. The code draws the value once, at the beginning of the block. */
export function randomVariable(plan: Plan, element: Element): Declared {
  const [low = 0, high = 100] = ['minimumValue', 'maximumValue'].map(
    (key) => numberIn(plan, textOf(element, key)) ?? undefined,
  )
  const name = textOf(element, 'variableName')
  const drawn = method(member(self, 'random'), 'int', num(Math.trunc(low)), num(Math.trunc(Math.max(low, high))))
  const format = textOf(element, 'outputFormat')
  const value = formatted(drawn, format)
  if (!value) plan.notes.add(todoFor(plan, element, `the format ${format} is left out`))
  return declared(plan, name, value ?? drawn)
}

/** Declares a constant at the beginning of a block. The constant is left out if no code uses it. */
function declared(plan: Plan, name: string, value: Expr): Declared {
  const own = takeLocal(plan, valueName(name))
  if (value.k === 'call' && value.of.k === 'member' && value.of.name === 'int') plan.numeric.add(own)
  let isUsed = false
  const stmt: Stmt = constant(own, value)
  const expr = (): Expr => {
    isUsed = true
    return id(own)
  }
  return { step: { stmts: [stmt], isUsed: () => isUsed }, local: [name, expr] }
}

/** Returns a step and variables. In each pass of a loop, the step draws a row of a data file. The variables read the columns of the row. */
export function loopRow(
  plan: Plan,
  feed: string,
  columns: readonly string[],
): { step: Step; locals: Declared['local'][] } {
  const { step, local } = declared(plan, 'row', method(id(feed), 'next'))
  const locals = columns.map((column): Declared['local'] => [
    column,
    () => ({ k: 'index', of: local[1](), at: str(column) }),
  ])
  return { step, locals }
}
