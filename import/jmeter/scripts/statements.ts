import {
  type Expr,
  type Stmt,
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
  str,
} from '../../scenario/code.ts'
import { textExpr } from '../../requests/request.ts'
import { valueName } from '../../scenario/names.ts'
import { takeLocal } from '../controllers/parents.ts'
import { isHelper, wholeFrom } from '../expressions/calls.ts'
import { type Operand, type Scope, combined, numberFrom, textOf } from '../expressions/operands.ts'
import { operandIn } from '../expressions/parse.ts'
import { isNumeric } from '../numbers.ts'
import type { Plan } from '../plan.ts'
import { textIn } from '../texts.ts'

/** The name of the response while a script is translated. A script cannot declare a variable with this name. */
export const responseName = '$response'

/** The state while a script is translated. */
export interface State {
  plan: Plan
  scope: Scope & { locals: Map<string, Operand>; lost: Set<string> }
  /** The constants of the script, with their values. */
  values: Map<string, Expr>
  isOfSampler: boolean
  /** The variables that the script assigns more than once. */
  reassigned: ReadonlySet<string>
  /** Arguments of `.expect(…)`. */
  expectations: Expr[][]
  /** Returns the file name and the line number, as in `plan.jmx:12`. */
  place: (line: number) => string
}

const type =
  'def|var|let|const|String(?:\\[\\])?|int|long|Integer|Long|double|Double|float|boolean|Boolean|Object|Date|Random|JsonSlurper|SimpleDateFormat|(?:List|Map|ArrayList)(?:<[\\w, ]*>)?'
const declaration = new RegExp(`^(?:final\\s+)?(${type})\\s+([A-Za-z_]\\w*)\\s*=(?!=)\\s*([\\s\\S]+)$`)
const assignment = /^([A-Za-z_]\w*)\s*([-+*/])?=(?!=)\s*([\s\S]+)$/

/** Returns the names that a piece of a script declares or assigns. */
export function assignedIn(text: string): string[] {
  return [...text.matchAll(/\b([A-Za-z_]\w*)\s*(?:[-+*/]?=(?!=)|\+\+|--)/g)].map(([, name = '']) => name)
}

/** Translates the declaration or the assignment of a variable of the script. Returns null for any other statement. */
export function declarationOf(text: string, state: State): Stmt[] | null {
  const [, after, before] = /^(?:([A-Za-z_]\w*)(?=\+\+$|--$)|(?:\+\+|--)(?=\w+$))([A-Za-z_]\w*)?/.exec(text) ?? []
  const counted = after ?? before
  if (counted !== undefined) return countedStmt(counted, text.includes('+') ? '+' : '-', state)
  const [, of = '', name, first = ''] = declaration.exec(text) ?? []
  if (name === undefined) return assignedStmt(text, state)
  return declared(name, first, state, /^(?:int|Integer|long|Long)$/.test(of))
}

function assignedStmt(text: string, state: State): Stmt[] | null {
  const { plan, scope } = state
  const [, name, op, changed = ''] = assignment.exec(text) ?? []
  if (name === undefined) return null
  const local = scope.locals.get(name)
  if (!local) return op === undefined ? declared(name, changed, state) : null
  const found = operandIn(plan, changed, scope)
  const value = found && op !== undefined ? combined(local, op, found, plan) : found
  return value && [expression(assign(local.expr, valueFor(local, value, plan)))]
}

function countedStmt(name: string, op: string, { scope, plan }: State): Stmt[] | null {
  const local = scope.locals.get(name)
  if (!local) return null
  const value = combined(local, op, { expr: num(1), kind: 'number' }, plan)
  return local.kind === 'number'
    ? [expression({ k: 'postfix', op: op + op, of: local.expr })]
    : [expression(assign(local.expr, valueFor(local, value, plan)))]
}

/** Converts a value to the type of a variable. */
function valueFor(local: Operand, value: Operand, plan: Plan): Expr {
  if (local.kind === 'text') return textOf(value, plan)
  if (local.isWhole) return wholeFrom(value, plan).expr
  return local.kind === 'number' ? numberFrom(value, plan) : value.expr
}

function declared(name: string, text: string, state: State, isOfWhole = false): Stmt[] | null {
  const { plan, scope, values } = state
  const found = operandIn(plan, text, scope)
  // Groovy removes the decimal places of a value that it assigns to an `int`.
  const value = found && isOfWhole && ['number', 'any'].includes(found.kind) ? wholeFrom(found, plan) : found
  if (!value || value.kind === 'null') return null
  if (isHelper(value) || value.kind === 'pattern') {
    scope.locals.set(name, value)
    return []
  }
  const wanted = name === 'response' ? 'answer' : valueName(name)
  const own = state.isOfSampler ? takeLocal(plan, wanted) : wanted
  scope.locals.set(name, { expr: id(own), kind: value.kind, ...(isOfWhole && { isWhole: true }) })
  if (state.reassigned.has(name)) return [{ k: 'var', kind: 'let', name: own, value: value.expr }]
  values.set(own, value.expr)
  return [constant(own, value.expr)]
}

interface Effect {
  pattern: RegExp
  write: (parts: readonly string[], state: State) => Stmt[] | null
}

const levels: Readonly<Record<string, string>> = { warn: 'warn', error: 'error', debug: 'debug' }

const effects: readonly Effect[] = [
  { pattern: /^import\s/, write: () => [] },
  {
    pattern: /^(?:log\.(\w+)|(?:System\.out|OUT)\.println|println|print)\s*\(([\s\S]*)\)$/,
    write: ([level = '', text = ''], state) => logged(levels[level] ?? 'log', text, state),
  },
  { pattern: /^println\s+([\s\S]+)$/, write: ([text = ''], state) => logged('log', text, state) },
  { pattern: /^(?:Thread\.)?sleep\s*\(([\s\S]+)\)$/, write: ([text = ''], state) => pause(text, state) },
  { pattern: /^vars\.put\(\s*["']([^"'$]+)["']\s*,([\s\S]+)\)$/, write: putStmt },
  { pattern: /^vars\[\s*["']([^"'$]+)["']\s*\]\s*=(?!=)([\s\S]+)$/, write: putStmt },
  { pattern: /^vars\.([A-Za-z_]\w*)\s*=(?!=)([\s\S]+)$/, write: putStmt },
  { pattern: /^vars\.remove\(\s*["']([^"'$]+)["']\s*\)$/, write: ([name = ''], state) => putStmt([name, '""'], state) },
  { pattern: /^props\.(?:put|setProperty)\(\s*["']([^"'$]+)["']\s*,([\s\S]+)\)$/, write: sharedStmt },
  { pattern: /^\$\{__setProperty\(([\w.-]+),((?:[^(){}]|\$\{[^{}]*\})*?)(?:,(?:true|false|))?\)\}$/, write: givenStmt },
]

/**
 * Translates a statement that sets a variable or a property of the plan, writes to the log, or pauses the user. Leaves out imports. Returns null for
 * any other statement.
 */
export function effectOf(text: string, state: State): Stmt[] | null {
  // A JSR223 Sampler sends no request, so statements that change its result have no effect in burst.
  if (state.isOfSampler && /^SampleResult\.(?:set(?!Successful)|sample)\w*\([\s\S]*\)$/.test(text)) return []
  for (const { pattern, write } of effects) {
    const [whole, ...parts] = pattern.exec(text) ?? []
    if (whole !== undefined) return write(parts, state)
  }
  return null
}

function logged(level: string, text: string, { plan, scope }: State): Stmt[] | null {
  const found = operandIn(plan, text, scope)
  return found && [expression(method(id('console'), level, found.expr))]
}

function pause(text: string, { plan, scope }: State): Stmt[] | null {
  const found = operandIn(plan, text, scope)
  if (!found) return null
  const ms = numberFrom(found, plan)
  return [
    expression(awaited(method(self, 'sleep', ms.k === 'num' ? num(ms.value / 1000) : binary(ms, '/', num(1000))))),
  ]
}

/** Sets a variable of the plan, which is a field of the user. */
function putStmt([name = '', text = '']: readonly string[], { plan, scope }: State): Stmt[] | null {
  const value = operandIn(plan, text, scope)
  const field = plan.fields.get(name)
  if (!value || field === undefined) return null
  const asNumber = numberIn(value, plan, scope)
  plan.scripts.puts.set(name, [...(plan.scripts.puts.get(name) ?? []), asNumber !== null])
  const to = member(self, field)
  return [expression(plan.numeric.has(field) && asNumber ? numberSet(to, asNumber) : assign(to, textOf(value, plan)))]
}

/** Returns `of++` for `of = of + 1`. */
function numberSet(to: Expr, value: Expr): Expr {
  const isSum = value.k === 'binary' && value.op === '+' && JSON.stringify(value.left) === JSON.stringify(to)
  if (!isSum) return assign(to, value)
  const isOne = value.right.k === 'num' && value.right.value === 1
  return isOne ? { k: 'postfix', op: '++', of: to } : assign(to, value.right, '+=')
}

/**
 * Returns an operand as a number: the operand itself, the number in a string of digits, or the number `x` in `String(x)`. Returns null for any other
 * operand.
 */
function numberIn({ expr, kind }: Operand, plan: Plan, { locals }: Scope): Expr | null {
  if (kind === 'number') return expr
  if (expr.k === 'str' && /^(?:0|[1-9]\d{0,8})$/.test(expr.value)) return num(Number(expr.value))
  const [of] = expr.k === 'call' && expr.of.k === 'id' && expr.of.name === 'String' ? expr.args : []
  const isLocal = [...locals.values()].some(
    (one) => one.kind === 'number' && one.expr.k === 'id' && of?.k === 'id' && one.expr.name === of.name,
  )
  return of && (isLocal || isNumeric(plan, of)) ? of : null
}

/** Sets a property, which all threads can read. A property has a counterpart only if a setUp thread group sets the property. */
function sharedStmt([name = '', text = '']: readonly string[], { plan, scope }: State): Stmt[] | null {
  const value = operandIn(plan, text, scope)
  return value && shared(plan, name, value.expr)
}

function givenStmt([name = '', text = '']: readonly string[], { plan }: State): Stmt[] | null {
  return shared(plan, name, textExpr(textIn(plan, text.trim())))
}

function shared(plan: Plan, name: string, value: Expr): Stmt[] | null {
  if (plan.hook !== 'beforeRun') return null
  plan.shared.add(name)
  return [expression(assign(at(member(self, 'data'), str(name)), value))]
}
