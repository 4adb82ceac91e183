import { type Expr, binary, id, make, method, num, template } from '../../scenario/code.ts'
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

const pieces: Readonly<Record<string, [from: number, to: number]>> = {
  Y: [0, 4],
  m: [5, 7],
  d: [8, 10],
  H: [11, 13],
  M: [14, 16],
  S: [17, 19],
}

/** The methods of a date. Times are UTC. */
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

function dateText(of: Expr, format: string, py: Py): Expr {
  const iso = method(of, 'toISOString')
  if (format === '%Y-%m-%d') return method(iso, 'slice', num(0), num(10))
  if (/^%Y-%m-%dT%H:%M:%S(?:\.%f)?Z?$/.test(format)) return iso
  const parts = format.split(/(%[A-Za-z%])/).map((part): string | Expr => {
    if (!part.startsWith('%') || part === '%%') return part.replace('%%', '%')
    const range = pieces[part.slice(1)]
    if (!range) throw new Lost(py, 'this date format is not translated')
    return method(iso, 'slice', num(range[0]), num(range[1]))
  })
  return template(parts)
}
