import { type Expr, binary, call, id, make, method, num, snippet, str, template } from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { translate } from '../code/translator.ts'
import { number, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'
import type { Builtin } from './builtins.ts'

/** Translates `datetime.now()` (local time) and `datetime.now(timezone.utc)`. */
const now: Builtin = (py) => {
  const zone = py.args[0] ?? py.named[0]?.value
  if (!zone) return { expr: make('Date'), type: { kind: 'date', zone: 'local' } }
  const name = zone.t === 'attr' ? zone.name : zone.t === 'name' ? zone.id : ''
  if (!/^utc$/i.test(name)) throw new Lost(py, 'only local time and UTC are translated')
  return { expr: make('Date'), type: { kind: 'date' } }
}
const today: Builtin = () => ({ expr: make('Date'), type: { kind: 'date', isDay: true, zone: 'local' } })
const seconds: Builtin = () => ({ expr: binary(method(id('Date'), 'now'), '/', num(1000)), type: number })
const precise: Builtin = () => ({ expr: binary(method(id('performance'), 'now'), '/', num(1000)), type: number })

const unitMs: Readonly<Record<string, number>> = {
  milliseconds: 1,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
}

/** Translates a duration to milliseconds. */
const span: Builtin = (py, frame) => {
  const parts = [...py.named, ...py.args.slice(0, 1).map((value) => ({ name: 'days', value }))].map(
    ({ name, value }): Expr => {
      const unit = name !== null && Object.hasOwn(unitMs, name) ? unitMs[name] : undefined
      if (unit === undefined) throw new Lost(py)
      const { expr } = translate(value, frame)
      return expr.k === 'num' ? num(expr.value * unit) : binary(expr, '*', num(unit))
    },
  )
  const [first, ...rest] = parts
  if (!first) throw new Lost(py)
  return { expr: rest.reduce((all, part) => binary(all, '+', part), first), type: { kind: 'span' } }
}

const utcNow: Builtin = () => ({ expr: make('Date'), type: { kind: 'date', zone: 'utc' } })

/** Returns the time zone of `time.strftime(format)`, `time.strftime(format, time.localtime())` and `time.strftime(format, time.gmtime())`. */
function zoneOf(py: Call): 'local' | 'utc' {
  const [, at] = py.args
  if (!at) return 'local'
  const name = at.t === 'call' && at.args.length === 0 && at.of.t === 'attr' ? at.of.name : ''
  return name === 'localtime' ? 'local' : name === 'gmtime' ? 'utc' : lost(py)
}

export const dateFunctions: Readonly<Record<string, Builtin>> = {
  'time.time': seconds,
  'time.strftime': (py, frame) =>
    dateMethods['strftime']?.({ expr: make('Date'), type: { kind: 'date', zone: zoneOf(py) } }, py.args, frame) ??
    lost(py),
  'time.perf_counter': precise,
  'time.monotonic': precise,
  'time.time_ns': () => ({ expr: binary(method(id('Date'), 'now'), '*', num(1_000_000)), type: number }),
  'datetime.datetime.now': now,
  'datetime.datetime.utcnow': utcNow,
  'datetime.datetime.today': now,
  'datetime.date.today': today,
  'date.today': today,
  'datetime.now': now,
  'datetime.utcnow': utcNow,
  'datetime.timedelta': span,
}

function lost(py: Py): never {
  throw new Lost(py)
}

/** The translations of the methods of a date. */
export const dateMethods: Readonly<Record<string, (of: Value, args: readonly Py[], frame: Frame) => Value>> = {
  isoformat: (of) => ({ expr: isoText(of), type: text }),
  timestamp: ({ expr }) => ({ expr: binary(method(expr, 'getTime'), '/', num(1000)), type: number }),
  date: ({ expr, type }) => ({ expr, type: { ...type, isDay: true } }),
  strftime: (of, args) => {
    const [format] = args
    if (format?.t !== 'str') throw new Lost(format ?? { at: 1, from: 0, to: 0 })
    return { expr: dateText(of, format.value, format), type: text }
  },
}

/** Returns the text of `isoformat()`, which contains the time zone only if the date has one. */
function isoText(date: Value): Expr {
  const { isDay, zone } = date.type
  if (isDay === true) return method(isoOf(date), 'slice', num(0), num(10))
  return zone === 'utc' ? method(isoOf(date), 'slice', num(0), num(23)) : isoOf(date)
}

/** Returns the date as text in the format of `toISOString()`. */
function isoOf({ expr, type }: Value): Expr {
  return type.zone === 'local' ? call(snippet('localIso'), expr) : method(expr, 'toISOString')
}

const isoFormat = '%Y-%m-%dT%H:%M:%S'
/** Directives that abbreviate several other directives. */
const shortForms: Readonly<Record<string, string>> = {
  '%F': '%Y-%m-%d',
  '%T': '%H:%M:%S',
  '%R': '%H:%M',
  '%D': '%m/%d/%y',
}

/**
 * Translates a format of `strftime` to a part of `toISOString()` if possible. Otherwise, translates the format to a call of a function that knows the
 * directives.
 * @throws Lost when the function does not know a directive
 */
export function dateText(date: Value, given: string, py: Py): Expr {
  const format = given.replaceAll(/%[FTRD]/g, (one) => shortForms[one] ?? one)
  const iso = isoOf(date)
  if (/^%Y-%m-%dT%H:%M:%S\.%fZ?$/.test(format))
    return format.endsWith('Z') === (date.type.zone !== 'local') ? iso : zoned(date, format.endsWith('Z'))
  const [, plain = '', zone = ''] = /^(.*?)(Z?)$/s.exec(format) ?? []
  const from = /^%[A-Za-z]/.test(plain) && !plain.endsWith('%') ? isoFormat.indexOf(plain) : -1
  if (from >= 0) {
    const start = widthOf(isoFormat.slice(0, from))
    const part = method(iso, 'slice', num(start), num(start + widthOf(plain)))
    return zone === '' ? part : template([part, zone])
  }
  const unknown = [...format.matchAll(/%(.?)/gs)].find(
    ([, directive = '']) => !'YymdHMSfIpaAbBj%'.includes(directive || '?'),
  )
  if (unknown) throw new Lost(py, `the date format ${given} is not translated`)
  const shown = date.type.zone === 'local' ? call(snippet('localTime'), date.expr) : date.expr
  return call(snippet('dateText'), shown, str(format))
}

/** Returns the date as text with milliseconds. The text ends with a Z only if `hasZone` is true. */
function zoned(date: Value, hasZone: boolean): Expr {
  return hasZone ? template([isoOf(date), 'Z']) : method(isoOf(date), 'slice', num(0), num(23))
}

/** Returns the number of characters that a format produces. */
function widthOf(format: string): number {
  return format.replace('%Y', '0000').replaceAll(/%[A-Za-z]/g, '00').length
}
