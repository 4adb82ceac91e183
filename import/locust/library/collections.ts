import { type Expr, array, binary, member, method, num, object, snippet, spread, str } from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { translate } from '../code/translator.ts'
import { type Type, any, boolean, none, number } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'
import type { Builtin } from './builtins.ts'
import { positional } from './lists.ts'

const queue: Builtin = () => ({ expr: array([]), type: { kind: 'queue' } })

/** Translates `deque(items, maxlen=10)` to a list. */
const deque: Builtin = (py, frame) => {
  const [items, most] = positional(py, ['iterable', 'maxlen']).args
  const size = most ?? py.named.find(({ name }) => name === 'maxlen')?.value
  const limit = size && size.t !== 'none' ? translate(size, frame).expr : undefined
  const expr = items ? array([spread(translate(items, frame).expr)]) : array([])
  return { expr, type: { kind: 'list', of: any, ...(limit && { most: limit }) } }
}

const standards: Readonly<Record<string, { expr: Expr; type: Type }>> = {
  int: { expr: num(0), type: number },
  float: { expr: num(0), type: number },
  str: { expr: str(''), type: { kind: 'str' } },
  list: { expr: array([]), type: { kind: 'list', of: any } },
  dict: { expr: object([]), type: { kind: 'dict', of: any } },
}

/** Translates a dictionary with a default value for missing keys. */
function withStandard(of: Py | undefined, py: Call): Value {
  const found = of?.t === 'name' && Object.hasOwn(standards, of.id) ? standards[of.id] : undefined
  if (!found) throw new Lost(py)
  return { expr: object([]), type: { kind: 'dict', of: found.type, standard: found.expr } }
}

export const collectionFunctions: Readonly<Record<string, Builtin>> = {
  'queue.Queue': queue,
  'queue.SimpleQueue': queue,
  'gevent.queue.Queue': queue,
  'gevent.queue.SimpleQueue': queue,
  'multiprocessing.Queue': queue,
  'collections.deque': deque,
  'collections.defaultdict': (py) => withStandard(py.args[0], py),
  'collections.Counter': (py) => {
    if (py.args.length > 0) throw new Lost(py)
    return { expr: object([]), type: { kind: 'dict', of: number, standard: num(0) } }
  },
}

/** Translates the methods of queues, and of lists with a maximum length. */
export function collectionCall(py: Call, name: string, { expr, type }: Value, frame: Frame): Value | null {
  const [item] = py.args
  const value = (): Expr => translate(item as Py, frame).expr
  if (type.kind === 'list') return ofDeque(name, { expr, type }, item && value)
  if (type.kind === 'dict' && type.standard && ['update', 'most_common', 'elements'].includes(name)) throw new Lost(py)
  if (type.kind !== 'queue') return null
  if (/^put(?:_nowait)?$/.test(name) && item) return { expr: method(expr, 'push', value()), type: none }
  if (/^get(?:_nowait)?$/.test(name)) return { expr: { k: 'call', of: snippet('takeFirst'), args: [expr] }, type: any }
  if (name === 'empty') return { expr: binary(member(expr, 'length'), '===', num(0)), type: boolean }
  if (name === 'qsize') return { expr: member(expr, 'length'), type: number }
  throw new Lost(py)
}

/**
 * @param value a function that translates the argument; undefined if the call has no argument
 */
function ofDeque(name: string, { expr, type }: Value, value: (() => Expr) | undefined): Value | null {
  if (name === 'popleft') return { expr: { k: 'present', of: method(expr, 'shift') }, type: type.of ?? any }
  if (!value) return null
  if (name === 'appendleft') return { expr: method(expr, 'unshift', value()), type: none }
  if (name !== 'append' || !type.most) return null
  return { expr: { k: 'call', of: snippet('pushLimited'), args: [expr, value(), type.most] }, type: none }
}
