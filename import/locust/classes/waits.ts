import {
  type Expr,
  type Stmt,
  arrow,
  awaited,
  burst,
  call,
  expression,
  method,
  num,
  object,
  self,
  str,
} from '../../scenario/code.ts'
import { Lost, pathOf } from '../code/context.ts'
import { translate } from '../code/translator.ts'
import type { Frame } from '../frame.ts'
import { positional } from '../library/lists.ts'
import { uniform } from '../library/random.ts'
import type { Call, Py } from '../python/syntax.ts'

/** Writes seconds as a duration: `'500ms'`, `'2s'`, `'5m'`. */
export function duration(seconds: number): Expr {
  if (seconds > 0 && seconds < 1) return str(`${Number((seconds * 1000).toPrecision(6))}ms`)
  if (seconds >= 120 && seconds % 60 === 0) return str(`${seconds / 60}m`)
  return str(`${seconds}s`)
}

function asDuration(expr: Expr): Expr {
  return expr.k === 'num' && expr.value >= 0 ? duration(expr.value) : expr
}

const named: Readonly<Record<string, (args: readonly Expr[]) => Expr>> = {
  between: (args) => call(burst('between'), ...args.map(asDuration)),
  constant: (args) => call(burst('constant'), ...args.map(asDuration)),
  constant_pacing: (args) => call(burst('pacing'), ...args.map(asDuration), noCatchUp),
  constant_throughput: (args) => call(burst('throughput'), ...args, noCatchUp),
}
const noCatchUp = object([{ key: 'catchUp', value: { k: 'bool', value: false } }])

/** Returns the name of Locust's wait function, such as `between`; null for any other value. */
function waitName(py: Py | undefined, frame: Frame): string | null {
  const path = py?.t === 'call' ? pathOf(frame, py.of) : null
  const name = path?.startsWith('locust') ? (path.split('.').at(-1) ?? '') : ''
  return Object.hasOwn(named, name) ? name : null
}

/** Translates the arguments of a wait: `between(1, 4)`, `between(min_wait=1, max_wait=4)` or `between(low := 1, 4)`. */
function argumentsOf(py: Call, frame: Frame): Expr[] {
  const { args } = positional(py, ['min_wait', 'max_wait'])
  const [only] = args.length === 0 ? py.named : []
  return [...args, ...(only ? [only.value] : [])].map(
    (arg) => translate(arg.t === 'walrus' ? arg.value : arg, frame).expr,
  )
}

/** Translates `wait_time = …` to a wait of burst. */
export function waitOf(py: Py, frame: Frame): Expr {
  const name = waitName(py, frame)
  if (name !== null && py.t === 'call') return (named[name] as (args: readonly Expr[]) => Expr)(argumentsOf(py, frame))
  if (py.t === 'lambda')
    return arrow(
      [],
      translate(py.body, { ...frame, self: frame.self && { ...frame.self, name: py.params[0]?.name ?? 'self' } }).expr,
    )
  throw new Lost(py)
}

/** Translates `min_wait` and `max_wait` of old locustfiles. Both values are in milliseconds. */
export function oldWait(min: Py | undefined, max: Py | undefined): Expr | null {
  if (min?.t !== 'num' && max?.t !== 'num') return null
  const low = min?.t === 'num' ? min.value : 1000
  const high = max?.t === 'num' ? max.value : 1000
  return call(burst('between'), duration(low / 1000), duration(high / 1000))
}

/**
 * Returns the translated arguments; null if an argument has no counterpart. If the wait belongs to the user class, `waitFor` adds a comment about the
 * wait to the class.
 */
function knownArguments(py: Call, frame: Frame): Expr[] | null {
  try {
    return argumentsOf(py, frame)
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    return null
  }
}

/** Returns a wait as a pause inside a task, for TaskSets that become one method with several steps. */
export function pauseOf(py: Py | undefined, frame: Frame): Stmt[] {
  const name = waitName(py, frame)
  if (py?.t !== 'call' || name === null) return []
  const args = knownArguments(py, frame)
  if (!args) return []
  const [first = num(1), second = first] = args
  if (name === 'between') return [expression(awaited(method(self, 'sleep', uniform(first, second, frame))))]
  if (name === 'constant_throughput')
    return [expression(awaited(method(self, 'sleep', { k: 'binary', op: '/', left: num(1), right: first })))]
  return [expression(awaited(method(self, 'sleep', asDuration(first))))]
}
