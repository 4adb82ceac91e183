import { type Expr, binary, call, id, make, method, num, snippet, str, template } from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { translate } from '../code/translator.ts'
import { number, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Py } from '../python/syntax.ts'
import type { Builtin } from './builtins.ts'

const now: Builtin = () => ({ expr: make('Date'), type: { kind: 'date' } })
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

export const dateFunctions: Readonly<Record<string, Builtin>> = {
  'time.time': seconds,
  'time.strftime': (py, frame) =>
    (py.args.length === 1 ? dateMethods['strftime']?.(make('Date'), py.args, frame) : null) ?? lost(py),
  'time.perf_counter': precise,
  'time.monotonic': precise,
  'time.time_ns': () => ({ expr: binary(method(id('Date'), 'now'), '*', num(1_000_000)), type: number }),
  'datetime.datetime.now': now,
  'datetime.datetime.utcnow': now,
  'datetime.datetime.today': now,
  'datetime.date.today': () => ({ expr: make('Date'), type: { kind: 'date', isDay: true } }),
  'date.today': () => ({ expr: make('Date'), type: { kind: 'date', isDay: true } }),
  'datetime.now': now,
  'datetime.utcnow': now,
  'datetime.timedelta': span,
}

function lost(py: Py): never {
  throw new Lost(py)
}

/** The translations of the methods of a date. Times are UTC. */
export const dateMethods: Readonly<Record<string, (of: Expr, args: readonly Py[], frame: Frame) => Value>> = {
  isoformat: (of) => ({ expr: method(of, 'toISOString'), type: text }),
  timestamp: (of) => ({ expr: binary(method(of, 'getTime'), '/', num(1000)), type: number }),
  date: (of) => ({ expr: of, type: { kind: 'date', isDay: true } }),
  strftime: (of, args) => {
    const [format] = args
    if (format?.t !== 'str') throw new Lost(format ?? { at: 1, from: 0, to: 0 })
    return { expr: dateText(of, format.value, format), type: text }
  },
}

const isoFormat = '%Y-%m-%dT%H:%M:%S'
/** Directives that are short for several other directives. */
const shortForms: Readonly<Record<string, string>> = {
  '%F': '%Y-%m-%d',
  '%T': '%H:%M:%S',
  '%R': '%H:%M',
  '%D': '%m/%d/%y',
}

/**
 * Translates a format of `strftime`: a part of `toISOString()` if this is enough, otherwise a call of a function that knows the directives.
 * @throws Lost when the function does not know a directive
 */
export function dateText(of: Expr, given: string, py: Py): Expr {
  const format = given.replaceAll(/%[FTRD]/g, (one) => shortForms[one] ?? one)
  const iso = method(of, 'toISOString')
  if (/^%Y-%m-%dT%H:%M:%S\.%fZ?$/.test(format))
    return format.endsWith('Z') ? iso : method(iso, 'slice', num(0), num(23))
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
  return call(snippet('dateText'), of, str(format))
}

/** Returns the number of characters that a format produces. */
function widthOf(format: string): number {
  return format.replace('%Y', '0000').replaceAll(/%[A-Za-z]/g, '00').length
}
