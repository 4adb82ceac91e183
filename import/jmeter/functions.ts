import { type Text, textExpr } from '../requests/request.ts'
import { variable } from '../requests/secrets.ts'
import {
  type Expr,
  at,
  binary,
  call,
  fromModule,
  id,
  make,
  member,
  method,
  num,
  self,
  snippet,
  str,
} from '../scenario/code.ts'
import { numberOf } from './numbers.ts'
import type { Plan } from './plan.ts'

/** A call of a JMeter function, such as `${__Random(1,10)}`. */
interface Call {
  plan: Plan
  args: readonly string[]
  /** Returns an argument as a string in which each variable is an expression. */
  textAt: (index: number) => Text
  /** Returns an argument as a constant string. */
  constantAt: (index: number) => string
  /** Returns the value of a variable. */
  variable: (name: string) => Text
}

/** Translates a call of a JMeter function. Returns null if the call has no counterpart. */
export type Make = (given: Call) => Text | null

const day = 'yyyy-MM-dd'

/** Returns a date as text in one of the usual formats; null for any other format. */
export function dateText(date: Expr, format: string): Expr | null {
  const text = method(date, 'toISOString')
  if (format === day) return method(text, 'slice', num(0), num(10))
  if (format === `${day}'T'HH:mm:ss`) return method(text, 'slice', num(0), num(19))
  return format === `${day}'T'HH:mm:ss.SSS'Z'` || format === `${day}'T'HH:mm:ss.SSSXXX` ? text : null
}

/** `${__time(yyyy-MM-dd,)}` */
function timeText({ constantAt }: Call): Text | null {
  const format = constantAt(0).replaceAll(/^"|"$/g, '')
  const now = method(id('Date'), 'now')
  if (format === '') return [now]
  const [, by] = /^\/(\d+)$/.exec(format) ?? []
  if (by !== undefined) return [method(id('Math'), 'floor', binary(now, '/', num(Number(by))))]
  const text = dateText(make('Date'), format)
  return text && [text]
}

/** Translates `${__timeShift(yyyy-MM-dd,,P1D,,)}`, the current time plus a duration. */
function shiftedText({ constantAt }: Call): Text | null {
  const ms = durationMs(constantAt(2))
  if (constantAt(1) !== '' || ms === null) return null
  const now = method(id('Date'), 'now')
  const sum = ms === 0 ? now : binary(now, ms < 0 ? '-' : '+', num(Math.abs(ms)))
  if (constantAt(0) === '') return [sum]
  const text = dateText(make('Date', sum), constantAt(0))
  return text && [text]
}

/** Converts a duration such as `P1D` or `-PT2H` to milliseconds. Returns null for any other text. */
function durationMs(text: string): number | null {
  if (text === '') return 0
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0'] =
    /^(-)?P(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+)S)?)?$/i.exec(text) ?? []
  if (!/^-?P.*\d/i.test(text)) return null
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  return (sign === '-' ? -1 : 1) * total * 1000
}

/** `${__Random(1,10)}` */
function randomNumber({ plan, textAt }: Call): Text {
  const [one = num(0), two = num(100)] = [0, 1].map((index) => {
    const value = numberOf(plan, textExpr(textAt(index)))
    return value.k === 'num' ? num(Math.trunc(value.value)) : value
  })
  const isSwapped = one.k === 'num' && two.k === 'num' && one.value > two.value
  const [low, high] = isSwapped ? [two, one] : [one, two]
  return [method(member(self, 'random'), 'int', low, high)]
}

function randomText({ constantAt }: Call): Text {
  const characters = constantAt(1)
  const length = Math.min(10_000, Number.parseInt(constantAt(0), 10) || 8)
  return [call(snippet('randomText'), num(length), ...(characters === '' ? [] : [str(characters)]))]
}

function sumOf({ plan, args, textAt }: Call): Text | null {
  const values = args.map((_, index) => numberOf(plan, textExpr(textAt(index))))
  // The last argument may be the name of the variable that stores the sum.
  const last = args.at(-1) ?? ''
  const known = last === '' || !/^-?\d|\$\{/.test(last) ? values.slice(0, -1) : values
  const constant = known.reduce((sum, one) => sum + (one.k === 'num' ? one.value : 0), 0)
  const others = known.filter((one) => one.k !== 'num')
  const [first, ...rest] = [...others, ...(constant === 0 && others.length > 0 ? [] : [num(constant)])]
  return first ? [rest.reduce((sum, one) => binary(sum, '+', one), first)] : null
}

function digest({ textAt, constantAt }: Call): Text | null {
  const algorithm = constantAt(0).toLowerCase().replace('-', '')
  if (!/^(?:md5|sha(?:1|224|256|384|512))$/.test(algorithm)) return null
  const hash = call(fromModule('createHash', 'node:crypto'), str(algorithm))
  const text = method(method(hash, 'update', textExpr([...textAt(1), ...textAt(2)])), 'digest', str('hex'))
  return [/^true$/i.test(constantAt(3)) ? method(text, 'toUpperCase') : text]
}

function changedCase({ textAt, constantAt }: Call): Text | null {
  const mode = constantAt(1).toUpperCase() || 'UPPER'
  if (mode !== 'UPPER' && mode !== 'LOWER') return null
  return [method(textExpr(textAt(0)), mode === 'UPPER' ? 'toUpperCase' : 'toLowerCase')]
}

/**
 * Translates `${__groovy(…)}`, `${__jexl3(…)}` and `${__javaScript(…)}`. The last argument may be the name of the variable that stores the result.
 */
function evaluated({ plan, args }: Call): Text | null {
  const isNamed = args.length > 1 && /^\w*$/.test(args.at(-1) ?? '')
  const value = plan.evaluate(plan, (isNamed ? args.slice(0, -1) : args).join(','))
  return value && [value]
}

const buffer = (...args: readonly Expr[]): Expr => method(id('Buffer'), 'from', ...args)

/** If a setUp thread group sets the property, the property is part of the result of `beforeRun`. Otherwise, it is a variable of the command line. */
export function propertyOf(plan: Plan, name: string, otherwise = ''): Expr {
  return plan.shared.has(name) ? at(member(self, 'data'), str(name)) : variable(name, otherwise)
}

export const functions: Readonly<Record<string, Make>> = {
  P: ({ plan, args: [name = ''], args, constantAt }) => [propertyOf(plan, name, args.length > 1 ? constantAt(1) : '1')],
  property: ({ plan, args: [name = ''], constantAt }) => [propertyOf(plan, name, constantAt(2))],
  env: ({ args: [name = ''], constantAt }) => [
    binary(at(member(id('process'), 'env'), str(name)), '??', str(constantAt(2))),
  ],
  V: ({ args: [name = ''], variable: valueOf }) => valueOf(name),
  eval: ({ textAt }) => textAt(0),
  evalVar: ({ args: [name = ''], variable: valueOf }) => valueOf(name),
  Random: randomNumber,
  RandomString: randomText,
  UUID: () => [method(id('crypto'), 'randomUUID')],
  time: timeText,
  timeShift: shiftedText,
  intSum: sumOf,
  longSum: sumOf,
  threadNum: () => [binary(member(self, 'index'), '+', num(1))],
  threadGroupName: ({ plan }) => [str(plan.groupName)],
  samplerName: ({ plan }) => [str(plan.samplerName)],
  machineName: () => [call(fromModule('hostname', 'node:os'))],
  counter: () => [member(self, 'iteration')],
  urlencode: ({ textAt }) => textAt(0),
  log: ({ textAt }) => textAt(0),
  logn: () => [],
  chooseRandom: ({ args }) => [
    method(member(self, 'random'), 'pick', { k: 'array', items: args.slice(0, -1).map(str) }),
  ],
  digest,
  base64Encode: ({ textAt }) => [method(buffer(textExpr(textAt(0))), 'toString', str('base64'))],
  base64Decode: ({ textAt }) => [method(buffer(textExpr(textAt(0)), str('base64')), 'toString')],
  changeCase: changedCase,
  toUpperCase: ({ textAt }) => [method(textExpr(textAt(0)), 'toUpperCase')],
  toLowerCase: ({ textAt }) => [method(textExpr(textAt(0)), 'toLowerCase')],
  groovy: evaluated,
  jexl2: evaluated,
  jexl3: evaluated,
  javaScript: evaluated,
}
