import {
  type Expr,
  array,
  arrow,
  binary,
  id,
  member,
  method,
  num,
  object,
  snippet,
  spread,
} from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { any, listOf, none, number, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call } from '../python/syntax.ts'
import type { Builtin } from './builtins.ts'
import { argumentsOf, positional } from './lists.ts'

/** Returns `this.random` if the code runs in a user. */
function random(frame: Frame): Expr | null {
  return frame.self?.kind === 'user' ? member(frame.self.expr, 'random') : null
}

function next(frame: Frame): Expr {
  const own = random(frame)
  return own ? method(own, 'next') : method(id('Math'), 'random')
}

function whole(low: Expr, high: Expr, frame: Frame): Expr {
  const own = random(frame)
  return own ? method(own, 'int', low, high) : { k: 'call', of: snippet('randomInteger'), args: [low, high] }
}

/**
 * Returns a random item of a list. For a list of the type `any`, the call needs the type argument `any`, because TypeScript cannot infer the type of
 * the items.
 */
function picked(list: Expr, isOfAny: boolean, frame: Frame): Expr {
  const own = random(frame)
  const types = isOfAny && list.k !== 'array' ? { types: 'any' } : {}
  return { k: 'call', of: own ? member(own, 'pick') : snippet('pickOne'), args: [list], ...types }
}

function isOfAny(list: Value): boolean {
  return of(list).kind === 'any'
}

function asList({ expr, type }: Value): Expr {
  return ['str', 'set'].includes(type.kind) || expr.k === 'call' ? array([spread(expr)]) : expr
}

function of({ type }: Value): Value['type'] {
  return type.kind === 'str' ? text : (type.of ?? any)
}

function less(end: Expr): Expr {
  return end.k === 'num' ? num(end.value - 1) : binary(end, '-', num(1))
}

/** Returns a number between two given numbers. The number can have decimal places. */
export function uniform(low: Expr, high: Expr, frame: Frame): Expr {
  if (low.k === 'num' && low.value === 0) return binary(next(frame), '*', high)
  const isPlain = low.k === 'num' && high.k === 'num'
  const width = isPlain ? num(Number((high.value - low.value).toPrecision(12))) : binary(high, '-', low)
  return binary(low, '+', binary(next(frame), '*', width))
}

export const randomFunctions: Readonly<Record<string, Builtin>> = {
  'random.random': (_py, frame) => ({ expr: next(frame), type: number }),
  'random.randint': (py, frame) => {
    const [low, high] = argumentsOf(positional(py, ['a', 'b']), frame, 2) as [Value, Value]
    return { expr: whole(low.expr, high.expr, frame), type: number }
  },
  'random.randrange': (py, frame) => {
    const [low, high, step] = argumentsOf(py, frame, 1) as [Value, Value?, Value?]
    if (step) {
      const steps = method(id('Math'), 'ceil', binary(binary((high as Value).expr, '-', low.expr), '/', step.expr))
      return {
        expr: binary(
          low.expr,
          '+',
          binary(method(id('Math'), 'floor', binary(next(frame), '*', steps)), '*', step.expr),
        ),
        type: number,
      }
    }
    return { expr: high ? whole(low.expr, less(high.expr), frame) : whole(num(0), less(low.expr), frame), type: number }
  },
  'random.uniform': (py, frame) => {
    const [low, high] = argumentsOf(positional(py, ['a', 'b']), frame, 2) as [Value, Value]
    return { expr: uniform(low.expr, high.expr, frame), type: number }
  },
  'random.choice': (py, frame) => {
    const [list] = argumentsOf(positional(py, ['seq']), frame, 1) as [Value]
    return { expr: picked(asList(list), isOfAny(list), frame), type: of(list) }
  },
  'random.choices': (py, frame) => choices(py, frame),
  'random.sample': (py, frame) => {
    const [list, count] = argumentsOf(positional(py, ['population', 'k']), frame, 2) as [Value, Value]
    return { expr: { k: 'call', of: snippet('sampleOf'), args: [list.expr, count.expr] }, type: listOf(of(list)) }
  },
  'random.shuffle': (py, frame) => {
    const [list] = argumentsOf(py, frame, 1) as [Value]
    return { expr: { k: 'call', of: snippet('shuffleInPlace'), args: [list.expr] }, type: none }
  },
  'random.gauss': (py, frame) => {
    const [mean, deviation] = argumentsOf(py, frame, 2) as [Value, Value]
    const turn = method(id('Math'), 'cos', binary(binary(num(2), '*', member(id('Math'), 'PI')), '*', next(frame)))
    const root = method(
      id('Math'),
      'sqrt',
      binary(num(-2), '*', method(id('Math'), 'log', binary(num(1), '-', next(frame)))),
    )
    return { expr: binary(mean.expr, '+', binary(binary(deviation.expr, '*', root), '*', turn)), type: number }
  },
  'random.expovariate': (py, frame) => {
    const [rate] = argumentsOf(py, frame, 1) as [Value]
    const drawn: Expr = { k: 'unary', op: '-', of: method(id('Math'), 'log', binary(num(1), '-', next(frame))) }
    return { expr: binary(drawn, '/', rate.expr), type: number }
  },
  'random.getrandbits': (py, frame) => {
    const [bits] = argumentsOf(py, frame, 1) as [Value]
    return {
      expr: method(id('Math'), 'floor', binary(next(frame), '*', binary(num(2), '**', bits.expr))),
      type: number,
    }
  },
}

/** Translates `random.choices`. The argument `k` is the number of items. Without weights, every item is equally likely. */
function choices(py: Call, frame: Frame): Value {
  const call = positional(py, ['population'])
  const [list] = argumentsOf({ ...call, named: [] }, frame, 1) as [Value]
  const count = py.named.find(({ name }) => name === 'k')?.value
  const weights = py.named.find(({ name }) => name === 'weights')?.value ?? py.args[1]
  const length = count ? argumentsOf({ ...py, args: [count] }, frame, 1)[0]?.expr : num(1)
  const one = weights
    ? weightedPick(list, argumentsOf({ ...py, args: [weights] }, frame, 1)[0]?.expr as Expr, frame)
    : picked(asList(list), isOfAny(list), frame)
  if (call.named.some(({ name }) => !['k', 'weights'].includes(name ?? ''))) throw new Lost(py)
  return {
    expr: method(id('Array'), 'from', object([{ key: 'length', value: length as Expr }]), arrow([], one)),
    type: listOf(of(list)),
  }
}

function weightedPick(list: Value, weights: Expr, frame: Frame): Expr {
  return { k: 'call', of: snippet('pickWeighted'), args: [asList(list), weights, next(frame)] }
}
