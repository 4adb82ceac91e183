import { textExpr } from '../../requests/request.ts'
import {
  type Expr,
  type Stmt,
  awaited,
  binary,
  call,
  expression,
  id,
  member,
  method,
  num,
  self,
  snippet,
} from '../../scenario/code.ts'
import { numberOf } from '../numbers.ts'
import type { Plan } from '../plan.ts'
import { numberIn, textIn } from '../texts.ts'
import { type Element, textOf } from '../xml.ts'
import { type Step, todoStep } from './step.ts'

export const timers = new Set(['ConstantTimer', 'UniformRandomTimer', 'GaussianRandomTimer', 'PoissonRandomTimer'])

/** Returns the pause of a timer. */
export function timerSteps(plan: Plan, timer: Element): Step[] {
  const seconds = timerExpr(plan, timer)
  if (!seconds && plan.told.has(timer)) return []
  plan.told.add(timer)
  if (!seconds) return [todoStep(plan, timer, 'the length of this pause cannot be determined')]
  return seconds.k === 'num' && seconds.value === 0 ? [] : [{ stmts: [pause(seconds)] }]
}

function pause(seconds: Expr): Stmt {
  return expression(awaited(method(self, 'sleep', seconds)))
}

/** Converts a number of milliseconds to seconds. Returns null if the string is not a valid length of a pause. */
function secondsIn(plan: Plan, text: string): Expr | null {
  const ms = numberIn(plan, text === '' ? '0' : text)
  if (ms !== null) return ms < 0 ? null : num(ms / 1000)
  if (!text.includes('${')) return null
  const value = numberOf(plan, textExpr(textIn(plan, text)))
  return value.k === 'num' ? num(Math.max(0, value.value) / 1000) : binary(value, '/', num(1000))
}

/** Returns the length of a timer's pause in seconds; null if the length cannot be determined. */
function timerExpr(plan: Plan, timer: Element): Expr | null {
  const delay = secondsIn(plan, textOf(timer, 'ConstantTimer.delay'))
  if (!delay || timer.name === 'ConstantTimer') return delay
  const range = secondsIn(plan, textOf(timer, 'RandomTimer.range'))
  if (!range) return null
  const random = member(self, 'random')
  if (timer.name === 'UniformRandomTimer') return sum(delay, binary(range, '*', method(random, 'next')))
  if (timer.name === 'GaussianRandomTimer') return normal(delay, range)
  if (range.k !== 'num' || delay.k !== 'num') return null
  // A Poisson distribution with a large mean is almost a normal distribution.
  const deviation = Number(Math.sqrt(range.value * 1000).toPrecision(3)) / 1000
  return normal(num(delay.value + range.value), num(deviation))
}

function normal(mean: Expr, deviation: Expr): Expr {
  const drawn = binary(deviation, '*', call(snippet('drawNormal'), member(self, 'random')))
  return method(id('Math'), 'max', num(0), sum(mean, drawn))
}

function sum(delay: Expr, more: Expr): Expr {
  return delay.k === 'num' && delay.value === 0 ? more : binary(delay, '+', more)
}

/** Translates a Flow Control Action. The action either pauses the user, or it ends the user, the iteration, the loop, or one pass of the loop. */
export function actionSteps(plan: Plan, element: Element): Step[] {
  const action = textOf(element, 'ActionProcessor.action')
  if (action === '' || action === '1') {
    const seconds = secondsIn(plan, textOf(element, 'ActionProcessor.duration'))
    return seconds
      ? [{ stmts: [pause(seconds)] }]
      : [todoStep(plan, element, 'the length of this pause cannot be determined')]
  }
  if (action === '0' || action === '2') {
    const stop: Step = { stmts: [expression(method(self, 'stop'))] }
    const isWhole = textOf(element, 'ActionProcessor.target') === '2'
    return isWhole ? [todoStep(plan, element, 'this action stops only one user; abortOn stops a run'), stop] : [stop]
  }
  const leaving = leavingStmt(plan, action)
  return leaving ? [{ stmts: [leaving] }] : [todoStep(plan, element, 'this action has no counterpart in burst')]
}

/**
 * Returns the statement for an action that ends the iteration of the user, the nearest loop, or one pass of the nearest loop. Returns null if no
 * statement has this effect.
 */
function leavingStmt({ parents }: Plan, action: string): Stmt | null {
  const kinds = parents.map(({ kind }) => kind)
  const [loop, own, choice] = ['loop', 'function', 'switch'].map((kind) => kinds.lastIndexOf(kind as 'loop'))
  const isInLoop = loop !== undefined && loop !== -1 && loop > (own ?? -1)
  if (action === '3') return own === -1 ? { k: 'return' } : null
  if (action === '4') return isInLoop ? { k: 'continue' } : kinds.includes('function') ? null : { k: 'return' }
  if (action !== '5' || !isInLoop) return null
  return loop > (choice ?? -1) ? { k: 'break' } : null
}
