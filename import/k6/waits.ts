import { type Expr, burst, call, num } from '../scenario/code.ts'
import { type Frame, apiOf, constantOf } from './frame.ts'
import { type Fn, type Node, dotted, numberOf } from './syntax.ts'

/**
 * Returns the `sleep` call at the end of a function. Also returns the pause between tasks, which replaces this call. Returns null if the function
 * does not end with a `sleep` call, or if this call cannot become the pause between tasks.
 */
function lastSleep(fn: Fn, frame: Frame): { node: Node; wait: Expr } | null {
  const last = fn.body.type === 'BlockStatement' ? fn.body.body.at(-1) : undefined
  if (last?.type !== 'ExpressionStatement' || last.expression.type !== 'CallExpression') return null
  if (apiOf(last.expression.callee, frame) !== 'k6.sleep') return null
  const [duration] = last.expression.arguments
  const wait = duration ? waitExpr(duration, frame) : null
  return wait && { node: last, wait }
}

/** Returns the pause between tasks. Returns undefined if the function does not end with a pause. */
export function waitOf(fn: Fn, frame: Frame): Expr | undefined {
  return lastSleep(fn, frame)?.wait
}

/** Returns the function without the pause at its end. */
export function withoutSleep(fn: Fn, frame: Frame): Fn {
  const found = lastSleep(fn, frame)
  if (!found || fn.body.type !== 'BlockStatement') return fn
  return { ...fn, body: { ...fn.body, body: fn.body.body.slice(0, -1) } }
}

/** Translates `1`, `Math.random() * 3`, `Math.random() * 3 + 1` and `randomIntBetween(1, 3)`. */
function waitExpr(node: Node, frame: Frame): Expr | null {
  const fixed = numberOf(node) ?? numberOf(constantOf(node, frame))
  if (fixed !== null) return fixed < 0 ? null : call(burst('constant'), num(fixed))
  const span = randomSpan(node)
  if (span !== null) return between(0, span)
  const [low, high] = boundsOf(node, frame)
  return typeof low !== 'number' || typeof high !== 'number' ? null : between(low, high)
}

/** Returns the limits of a random number: 1 and 4 for `Math.random() * 3 + 1` and for `randomIntBetween(1, 4)`. */
function boundsOf(node: Node, frame: Frame): (number | null)[] {
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    const [low, high] = [numberOf(node.left) ?? numberOf(node.right), randomSpan(node.left) ?? randomSpan(node.right)]
    return low === null || high === null ? [] : [low, low + high]
  }
  const isBetween = node.type === 'CallExpression' && apiOf(node.callee, frame) === 'utils.randomIntBetween'
  return isBetween ? node.arguments.map((one) => numberOf(one)) : []
}

function between(low: number, high: number): Expr | null {
  return low < 0 || high < low ? null : call(burst('between'), num(low), num(high))
}

/** Returns 3 for `Math.random() * 3`, and 1 for `Math.random()`. */
function randomSpan(node: Node): number | null {
  const isRandom = (one: Node): boolean => one.type === 'CallExpression' && dotted(one.callee) === 'Math.random'
  if (isRandom(node)) return 1
  if (node.type !== 'BinaryExpression' || node.operator !== '*') return null
  if (isRandom(node.left)) return numberOf(node.right)
  return isRandom(node.right) ? numberOf(node.left) : null
}
