import { type Expr, array, num, object, str } from '../../scenario/code.ts'
import { propertyOf } from '../functions.ts'
import type { Plan } from '../plan.ts'
import { openExpr } from '../texts.ts'
import { calledFunction, calledMethod, castTo, madeBy, memberOf, resultPart } from './calls.ts'
import {
  type Operand,
  type Reading,
  type Scope,
  booleanOf,
  combined,
  compared,
  itemAt,
  joined,
  logical,
  negated,
  numberFrom,
  operandFor,
  orElse,
  textOf,
} from './operands.ts'
import { taken, takenAll, tokensIn } from './tokens.ts'

/** Parses an expression of Groovy, Java, JEXL or JavaScript. Returns null if a part of the expression has no counterpart. */
export function operandIn(plan: Plan, text: string, scope: Scope): Operand | null {
  const tokens = tokensIn(text)
  if (!tokens) return null
  const reading: Reading = { plan, tokens, at: 0, scope }
  const found = choice(reading)
  return found && reading.at === tokens.length ? found : null
}

/** Reads `a ? b : c`, `a ?: b` or an expression without these operators. */
function choice(reading: Reading): Operand | null {
  const found = either(reading)
  if (!found) return null
  if (taken(reading, '?:')) {
    const otherwise = choice(reading)
    return otherwise && orElse(found, otherwise, reading.plan)
  }
  if (!taken(reading, '?')) return found
  const yes = choice(reading)
  const no = yes && taken(reading, ':') ? choice(reading) : null
  if (!yes || !no) return null
  const isSame = yes.kind === no.kind
  const side = (one: Operand): Expr => (isSame ? one.expr : textOf(one, reading.plan))
  const test = booleanOf(found, reading.scope)
  return { expr: { k: 'cond', test, yes: side(yes), no: side(no) }, kind: isSame ? yes.kind : 'text' }
}

function either(reading: Reading): Operand | null {
  return joinedBy(reading, '||', both)
}

function both(reading: Reading): Operand | null {
  return joinedBy(reading, '&&', comparison)
}

function joinedBy(reading: Reading, op: string, part: (reading: Reading) => Operand | null): Operand | null {
  let found = part(reading)
  while (found && taken(reading, op)) {
    const next = part(reading)
    if (!next) return null
    const { scope } = reading
    found = { expr: logical(booleanOf(found, scope), op, booleanOf(next, scope)), kind: 'boolean' }
  }
  return found
}

function comparison(reading: Reading): Operand | null {
  const left = sum(reading)
  const op = left && taken(reading, '==', '!=', '<', '>', '<=', '>=')
  if (!left || op === null) return left
  const right = sum(reading)
  return right && { expr: compared(left, op, right, reading.plan), kind: 'boolean' }
}

function sum(reading: Reading): Operand | null {
  return computed(reading, ['+', '-'], product)
}

function product(reading: Reading): Operand | null {
  return computed(reading, ['*', '/', '%'], operand)
}

function computed(
  reading: Reading,
  ops: readonly string[],
  part: (reading: Reading) => Operand | null,
): Operand | null {
  let found = part(reading)
  for (let op = found && taken(reading, ...ops); found && op !== null; op = taken(reading, ...ops)) {
    const next = part(reading)
    if (!next) return null
    found = combined(found, op, next, reading.plan)
  }
  return found
}

/** The types of casts such as `(int) x` and `x as int`. */
const types = ['int', 'Integer', 'long', 'Long', 'double', 'Double', 'float', 'String', 'BigDecimal']

function operand(reading: Reading): Operand | null {
  const { plan, scope } = reading
  if (taken(reading, '!')) {
    const of = operand(reading)
    return of && { expr: negated(booleanOf(of, scope)), kind: 'boolean' }
  }
  if (taken(reading, '-')) {
    const of = operand(reading)
    return of && { expr: { k: 'unary', op: '-', of: numberFrom(of, plan) }, kind: 'number' }
  }
  const cast = types.find((type) => takenAll(reading, '(', type, ')'))
  if (cast !== undefined) {
    const of = operand(reading)
    return of && castTo(cast, of, plan)
  }
  let found = taken(reading, '(') ? closed(choice(reading), reading) : primary(reading)
  while (found && (reading.tokens[reading.at] === '.' || reading.tokens[reading.at] === '['))
    found = taken(reading, '.') ? partOf(found, reading) : itemOf(found, reading)
  if (!found || !taken(reading, 'as')) return found
  const type = taken(reading, ...types)
  return type === null ? null : castTo(type, found, plan)
}

function closed(found: Operand | null, reading: Reading): Operand | null {
  return found && taken(reading, ')') ? found : null
}

const constants: Readonly<Record<string, Operand>> = {
  true: { expr: { k: 'bool', value: true }, kind: 'boolean' },
  false: { expr: { k: 'bool', value: false }, kind: 'boolean' },
  null: { expr: str(''), kind: 'null' },
}

function primary(reading: Reading): Operand | null {
  const one = reading.tokens[reading.at++]
  if (one === undefined) return null
  if (Object.hasOwn(constants, one)) return constants[one] ?? null
  if (/^\d/.test(one)) return { expr: num(Number.parseFloat(one)), kind: 'number' }
  if (/^["']/.test(one)) return stringOf(one, reading)
  if (one === '[') return listOf(reading)
  const reference = /^\$\{(.+)\}$/s.exec(one)?.[1]
  if (reference !== undefined) return referenceOf(reference, reading)
  const local = reading.scope.locals.get(one)
  if (local) return local
  if (one === 'vars' || one === 'props') return variableOf(one, reading)
  if (one === 'new') return made(reading)
  if (one === 'prev' || one === 'SampleResult') return resultOf(reading)
  return functionOf(one, reading)
}

function referenceOf(reference: string, { plan, scope }: Reading): Operand {
  return scope.locals.get(reference) ?? operandFor(plan, openExpr(plan, `\${${reference}}`))
}

/** Reads a variable of the plan: `vars.get("x")`, `vars["x"]` or `vars.x`. Reads a property from `props` in the same forms. */
function variableOf(of: string, reading: Reading): Operand | null {
  const isCalled = takenAll(reading, '.', 'get', '(') || takenAll(reading, '.', 'getProperty', '(')
  const isIndexed = !isCalled && taken(reading, '[') !== null
  const isNamed = !isCalled && !isIndexed && taken(reading, '.') !== null
  const name = reading.tokens[reading.at++] ?? ''
  if (isNamed && /^[A-Za-z_]\w*$/.test(name) && reading.tokens[reading.at] !== '(') return valueOf(of, name, reading)
  const [, quoted] = /^["']([^"'$]+)["']$/.exec(name) ?? []
  if (quoted === undefined || isNamed || taken(reading, isCalled ? ')' : ']') === null) return null
  return valueOf(of, quoted, reading)
}

function valueOf(of: string, name: string, { plan, scope }: Reading): Operand {
  if (of === 'vars' || !scope.isScript) return operandFor(plan, openExpr(plan, `\${${name}}`))
  return { expr: propertyOf(plan, name), kind: plan.shared.has(name) ? 'any' : 'text' }
}

/** Reads a property of the last result: `prev.responseCode` or `prev.getResponseCode()`. */
function resultOf(reading: Reading): Operand | null {
  const name = taken(reading, '.') ? reading.tokens[reading.at++] : undefined
  takenAll(reading, '(', ')')
  return name === undefined ? null : resultPart(name, reading)
}

/** Reads a new object, such as `new Random()`. The name of the class may contain a package. */
function made(reading: Reading): Operand | null {
  let name = reading.tokens[reading.at++] ?? ''
  while (taken(reading, '.')) name = reading.tokens[reading.at++] ?? ''
  const args = taken(reading, '(') ? argumentsIn(reading, ')') : null
  return args && madeBy(name, args)
}

/** Reads a call of a function, such as `Integer.parseInt(x)`, `org.apache.commons.lang3.RandomStringUtils.randomAlphabetic(8)` or `empty(x)`. */
function functionOf(first: string, reading: Reading): Operand | null {
  const names = [first]
  while (taken(reading, '.')) names.push(reading.tokens[reading.at++] ?? '')
  // The name of the package is left out.
  const name = names.slice(
    names.findIndex((one) => !/^(?:java|org|groovy|com|util|apache|commons|lang\d?|concurrent)$/.test(one)),
  )
  if (!taken(reading, '(')) return memberOf(name.join('.'))
  const args = argumentsIn(reading, ')')
  return args && calledFunction(name.join('.'), args, reading)
}

function partOf(of: Operand, reading: Reading): Operand | null {
  const name = reading.tokens[reading.at++] ?? ''
  if (!/^[A-Za-z_]\w*$/.test(name)) return null
  if (!taken(reading, '(')) return calledMethod(name, of, null, reading)
  const args = argumentsIn(reading, ')')
  return args && calledMethod(name, of, args, reading)
}

function itemOf(of: Operand, reading: Reading): Operand | null {
  reading.at++
  const index = choice(reading)
  if (!index || !taken(reading, ']')) return null
  if (of.kind === 'list') return { expr: itemAt(of.expr, numberFrom(index, reading.plan)), kind: 'text' }
  return of.kind === 'any' ? { expr: itemAt(of.expr, index.expr, true), kind: 'any' } : null
}

function argumentsIn(reading: Reading, end: string): Operand[] | null {
  const found: Operand[] = []
  while (!taken(reading, end)) {
    if (found.length > 0 && !taken(reading, ',')) return null
    if (found.length > 0 && taken(reading, end)) return found
    const one = choice(reading)
    if (!one) return null
    found.push(one)
  }
  return found
}

/** Reads a list such as `['a', 'b']`, or a map such as `[name: 'a']`. */
function listOf(reading: Reading): Operand | null {
  if (takenAll(reading, ':', ']')) return { expr: object([]), kind: 'any' }
  if (reading.tokens[reading.at + 1] === ':') return mapOf(reading)
  const items = argumentsIn(reading, ']')
  return items && { expr: array(items.map(({ expr }) => expr)), kind: 'list' }
}

function mapOf(reading: Reading): Operand | null {
  const entries: { key: string; value: Expr }[] = []
  while (!taken(reading, ']')) {
    if (entries.length > 0 && !taken(reading, ',')) return null
    if (entries.length > 0 && taken(reading, ']')) break
    const [, key] = /^["']?([^"'$]+)["']?$/.exec(reading.tokens[reading.at++] ?? '') ?? []
    const value = key !== undefined && taken(reading, ':') ? choice(reading) : null
    if (key === undefined || !value) return null
    entries.push({ key, value: value.expr })
  }
  return { expr: object(entries), kind: 'any' }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

/**
 * Translates a string, with the variables and expressions in it. In a script, `$name` and `${…}` inside double quotes are expressions of the script.
 */
function stringOf(quoted: string, reading: Reading): Operand | null {
  const width = /^(?:"""|''')/.test(quoted) ? 3 : 1
  const text = quoted.slice(width, -width)
  const isExpression = reading.scope.isScript && quoted.startsWith('"')
  const pieces = text.split(
    isExpression ? /(\$\{(?:[^{}]|\{[^{}]*\})*\}|(?<!\\)\$[A-Za-z_]\w*)/ : /(\$\{(?:[^{}]|\{[^{}]*\})*\})/,
  )
  const operands = pieces.map((piece, index): Operand | null => {
    if (index % 2 === 0) return { expr: str(unescaped(piece)), kind: 'text' }
    return pieceOf(piece.startsWith('${') ? piece.slice(2, -1) : piece.slice(1), reading)
  })
  if (!reading.scope.isScript && operands.length === 3 && operands[1]) {
    const [before, only, after] = operands
    if (isBlank(before) && isBlank(after)) return only
  }
  const known = operands.filter((one) => one !== null)
  return known.length < operands.length ? null : joined(known, reading.plan)
}

function isBlank(one: Operand | null | undefined): boolean {
  return one?.expr.k === 'str' && one.expr.value === ''
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, one: string) => escapes[one] ?? one)
}

/** Translates a part of a string: a variable of the script, a variable of the plan, or an expression. */
function pieceOf(text: string, reading: Reading): Operand | null {
  const { plan, scope } = reading
  const first = /^[A-Za-z_]\w*/.exec(text)?.[0] ?? ''
  if (scope.lost?.has(first)) return null
  const isReference = /^__|^[\w-]+$/.test(text) || (first !== 'vars' && first !== 'props' && /^[\w.-]+$/.test(text))
  if (!scope.isScript || (isReference && !scope.locals.has(first))) return referenceOf(text, reading)
  return operandIn(plan, text, scope)
}
