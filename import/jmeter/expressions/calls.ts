import { type Expr, binary, call, id, make, member, method, num, self, snippet, str } from '../../scenario/code.ts'
import { dateText } from '../functions.ts'
import type { Plan } from '../plan.ts'
import { type Operand, type Reading, compared, folded, isWhole, numberFrom, textOf } from './operands.ts'

const random = member(self, 'random')
const text = (expr: Expr): Operand => ({ expr, kind: 'text' })
const number = (expr: Expr): Operand => ({ expr, kind: 'number' })
const boolean = (expr: Expr): Operand => ({ expr, kind: 'boolean' })

/** Converts an operand to a Java type. */
export function castTo(type: string, of: Operand, plan: Plan): Operand {
  if (type === 'String') return text(textOf(of, plan))
  return /^[il]/i.test(type) ? wholeFrom(of, plan) : fractionFrom(of, plan)
}

/**
 * Converts an operand to a whole number. Removes the decimal places of a number or of a JSON value. Expects a text to be without decimal places,
 * because Java refuses to convert a text with decimal places to a whole number.
 */
export function wholeFrom(of: Operand, plan: Plan): Operand {
  const value = numberFrom(of, plan)
  const isCut = of.kind === 'any' || (of.kind !== 'text' && !isWhole(of))
  return { ...number(isCut ? method(id('Math'), 'trunc', value) : value), isWhole: true }
}

/** Converts an operand to a number that may have decimal places. */
function fractionFrom(of: Operand, plan: Plan): Operand {
  const value = numberFrom(of, plan)
  // Without `Number(…)`, the importer would treat a field as a whole number. The call shows that the field may contain decimal places.
  return number(value.k === 'member' && value.of.k === 'this' ? call(id('Number'), value) : value)
}

/** Translates `new Date()`, `new Random()`, `new JsonSlurper()` and `new SimpleDateFormat("yyyy-MM-dd")`. Returns null for any other class. */
export function madeBy(name: string, args: readonly Operand[]): Operand | null {
  const [first] = args
  if (name === 'Date' && args.length === 0) return { expr: make('Date'), kind: 'date' }
  if (name === 'SimpleDateFormat' && first?.expr.k === 'str') return { expr: first.expr, kind: 'pattern' }
  return ['Random', 'JsonSlurper'].includes(name) && args.length === 0 ? { expr: id(name), kind: 'any' } : null
}

/** Returns a random whole number from `low` up to, but not including, `below`. */
function randomBelow(low: Expr, below: Expr): Operand {
  const high = below.k === 'num' ? num(below.value - 1) : binary(below, '-', num(1))
  return number(method(random, 'int', low, high))
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const characters: Readonly<Record<string, string>> = {
  randomAlphabetic: letters,
  randomNumeric: '0123456789',
  randomAlphanumeric: `${letters}0123456789`,
}

type Make = (args: readonly Operand[], plan: Plan) => Operand | null

/** The translations of functions. The key contains the name of the function and the number of its arguments. */
const functions: Readonly<Record<string, Make>> = {
  'UUID.randomUUID/0': () => text(method(id('crypto'), 'randomUUID')),
  'System.currentTimeMillis/0': () => number(method(id('Date'), 'now')),
  'System.nanoTime/0': () => number(binary(method(id('performance'), 'now'), '*', num(1e6))),
  'Math.random/0': () => number(method(random, 'next')),
  'ctx.getThreadNum/0': () => number(member(self, 'index')),
  'vars.getIteration/0': () => number(member(self, 'iteration')),
  'String.valueOf/1': ([of], plan) => of && text(textOf(of, plan)),
  'JsonOutput.toJson/1': ([of]) => of && text(method(id('JSON'), 'stringify', of.expr)),
  'URLEncoder.encode/1': ([of], plan) => of && text(call(id('encodeURIComponent'), textOf(of, plan))),
  'URLEncoder.encode/2': ([of], plan) => of && text(call(id('encodeURIComponent'), textOf(of, plan))),
  'empty/1': ([of], plan) => of && boolean(binary(textOf(of, plan), '===', str(''))),
  'size/1': ([of], plan) => of && number(member(textOf(of, plan), 'length')),
} as Readonly<Record<string, Make>>

/** Translates a call of a static method, or of a function that does not belong to an object. Returns null for any other function. */
export function calledFunction(name: string, args: readonly Operand[], reading: Reading): Operand | null {
  const { plan } = reading
  const key = `${name}/${args.length}`
  const own = Object.hasOwn(functions, key) ? functions[key] : undefined
  if (own) return own(args, plan)
  const [first] = args
  if (name === 'ThreadLocalRandom.current' && args.length === 0) return { expr: id('ThreadLocalRandom'), kind: 'any' }
  const [, fn] = /^Math\.(abs|ceil|floor|max|min|round)$/.exec(name) ?? []
  if (fn !== undefined) return number(method(id('Math'), fn, ...args.map((one) => numberFrom(one, plan))))
  if (!first || args.length > 1) return null
  if (/^(?:(?:Integer|Long)\.)?(?:parseInt|parseLong)$|^(?:Integer|Long)\.valueOf$/.test(name))
    return { ...number(numberFrom(first, plan)), isWhole: true }
  if (/^(?:(?:Double|Float)\.)?(?:parseDouble|parseFloat|valueOf)$|^Number$/.test(name))
    return fractionFrom(first, plan)
  const [, kind = ''] = /^RandomStringUtils\.(\w+)$/.exec(name) ?? []
  if (!Object.hasOwn(characters, kind)) return null
  return text(call(snippet('randomText'), numberFrom(first, plan), str(characters[kind] ?? '')))
}

/** Translates `ctx.threadNum`. Returns null for any other name. */
export function memberOf(name: string): Operand | null {
  return name === 'ctx.threadNum' ? number(member(self, 'index')) : null
}

/**
 * Translates a field of the last sampler's result. Code outside a sampler's scripts can read only the sampler's name and whether the sampler
 * succeeded.
 */
export function resultPart(given: string, { plan, scope: { response } }: Reading): Operand | null {
  const name = given.replace(/^(?:get|is)(?=[A-Z])/, '').replace(/^[A-Z]/, (one) => one.toLowerCase())
  if (name === 'successful') return boolean(response ? member(response, 'ok') : plan.lastOk)
  if (name === 'sampleLabel') return text(str(plan.samplerName))
  if (!response) return null
  if (name === 'responseCode') return number(member(response, 'status'))
  if (name === 'responseDataAsString' || name === 'responseData') return text(member(response, 'body'))
  if (name === 'responseHeaders') return text(call(snippet('headerLines'), response))
  return name === 'time' ? number(member(response, 'latencyMs')) : null
}

/** The JavaScript names of string methods. The key contains the name of the method in the plan and the number of its arguments. */
const ofStrings: Readonly<Record<string, string>> = {
  'trim/0': 'trim',
  'toLowerCase/0': 'toLowerCase',
  'toUpperCase/0': 'toUpperCase',
  'contains/1': 'includes',
  'includes/1': 'includes',
  'startsWith/1': 'startsWith',
  'endsWith/1': 'endsWith',
  'indexOf/1': 'indexOf',
  'replace/2': 'replaceAll',
  'substring/1': 'slice',
  'substring/2': 'slice',
  'padLeft/2': 'padStart',
  'padRight/2': 'padEnd',
  'concat/1': 'concat',
}
const tests = new Set(['includes', 'startsWith', 'endsWith'])

/**
 * Translates a call of a method of an operand. If `args` is null, translates an access to a property of the operand. Returns null if the method or
 * property has no counterpart.
 */
export function calledMethod(
  name: string,
  of: Operand,
  args: readonly Operand[] | null,
  { plan }: Reading,
): Operand | null {
  const special = ofDate(name, of, args?.[0]) ?? ofHelper(name, of, args ?? [], plan)
  if (special) return special
  if (isHelper(of)) return null
  if (args === null) return propertyOf(name, of, plan)
  const [first] = args
  return (first ? null : readBy(name, of, plan)) ?? ofString(name, of, args, plan)
}

function propertyOf(name: string, of: Operand, plan: Plan): Operand | null {
  if (of.kind === 'any') return { expr: member(of.expr, name), kind: 'any' }
  return name === 'length' ? number(member(textOf(of, plan), 'length')) : null
}

/** Translates a method without arguments. Returns null for any other method. */
function readBy(name: string, of: Operand, plan: Plan): Operand | null {
  if (name === 'toInteger' || name === 'toLong') return wholeFrom(of, plan)
  if (/^to(?:Double|Float|BigDecimal)$/.test(name)) return fractionFrom(of, plan)
  const value = textOf(of, plan)
  if (name === 'toString') return text(value)
  if (name === 'length' || name === 'size')
    return number(member(of.kind === 'list' || of.kind === 'any' ? of.expr : value, 'length'))
  if (name === 'isEmpty') return boolean(folded(value, '===', str('')))
  return name === 'toBoolean' ? boolean(folded(value, '===', str('true'))) : null
}

function ofString(name: string, of: Operand, args: readonly Operand[], plan: Plan): Operand | null {
  const value = textOf(of, plan)
  const [only] = args.length === 1 ? args : []
  if (name === 'equals' && only) return boolean(compared(of, '==', only, plan))
  if (name === 'equalsIgnoreCase' && only)
    return boolean(binary(method(value, 'toLowerCase'), '===', method(textOf(only, plan), 'toLowerCase')))
  // A JSON value may be an array or a string. `includes` exists for both types. In an array, `includes` finds only whole items.
  if (name === 'contains' && only && of.kind === 'any')
    return boolean(method(binary(of.expr, '??', str('')), 'includes', only.expr))
  const key = `${name}/${args.length}`
  const own = Object.hasOwn(ofStrings, key) ? (ofStrings[key] ?? '') : ''
  if (own === '') return null
  const [first, ...rest] = args.map((one, index) =>
    own === 'slice' || (own.startsWith('pad') && index === 0) ? numberFrom(one, plan) : textOf(one, plan),
  )
  const expr = method(value, own, ...(first ? [first, ...rest] : []))
  return tests.has(own) ? boolean(expr) : own === 'indexOf' ? number(expr) : text(expr)
}

/** Returns true for a helper object such as `Random` or `JsonSlurper`. Scripts only call methods of such an object. */
export function isHelper({ expr }: Operand): boolean {
  return expr.k === 'id' && ['Random', 'JsonSlurper', 'ThreadLocalRandom'].includes(expr.name)
}

/** Translates `date.getTime()`, `date.format("yyyy")` and `format.format(date)`. Returns null for any other method. */
function ofDate(name: string, of: Operand, first: Operand | undefined): Operand | null {
  if (of.kind === 'date' && ['getTime', 'time'].includes(name))
    return number(of.expr.k === 'new' ? method(id('Date'), 'now') : method(of.expr, 'getTime'))
  const [date, format] = of.kind === 'date' ? [of, first] : [first, of.kind === 'pattern' ? of : undefined]
  if (name !== 'format' || date?.kind !== 'date' || format?.expr.k !== 'str') return null
  const found = dateText(date.expr, format.expr.value)
  return found && text(found)
}

/** Translates a method of `Random`, `ThreadLocalRandom` and `JsonSlurper`. Returns null for any other method. */
function ofHelper(name: string, { expr }: Operand, [first, second]: readonly Operand[], plan: Plan): Operand | null {
  if (expr.k !== 'id' || !first) return null
  if (expr.name === 'JsonSlurper' && ['parseText', 'parse'].includes(name))
    return { expr: parsed(first.expr), kind: 'any' }
  if (name !== 'nextInt') return null
  const below = numberFrom(second ?? first, plan)
  if (expr.name === 'Random' && !second) return randomBelow(num(0), below)
  return expr.name === 'ThreadLocalRandom' ? randomBelow(second ? numberFrom(first, plan) : num(0), below) : null
}

/** Returns the code that parses a string as JSON. For the body of a response, this code is `response.json()`. */
function parsed(of: Expr): Expr {
  if (of.k === 'member' && of.name === 'body') return method(of.of, 'json')
  return method(id('JSON'), 'parse', of)
}
