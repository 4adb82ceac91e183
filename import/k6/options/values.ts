import { durationMs } from '../../../core/duration.ts'
import { envDefault } from '../env.ts'
import { type Frame, constantOf } from '../frame.ts'
import { type Part, partNamed, partsOf } from '../http/objects.ts'
import { type Node, dotted, numberOf, stringOf } from '../syntax.ts'

const mostSteps = 20

/** Returns the value of an option; null if the value is unknown. Resolves constants, and uses the defaults of environment variables. */
export function optionValue(node: Node | null, frame: Frame, steps = 0): string | number | boolean | null {
  if (!node || steps > mostSteps) return null
  const plain = numberOf(node) ?? stringOf(node) ?? textWithout(node)
  if (plain !== null) return plain
  if (node.type === 'Literal' && typeof node.value === 'boolean') return node.value
  const fallback = envDefault(node)
  if (fallback !== null && fallback !== '') return fallback
  for (const one of standingFor(node) ?? [constantOf(node, frame)]) {
    const value = optionValue(one, frame, steps + 1)
    if (value !== null) return value
  }
  return null
}

/**
 * Returns the nodes that can determine the value of an expression: the operands of `||` or `??`, the part of a conditional expression after `:`, or
 * the argument of a conversion to a number or a string. Returns null for other expressions.
 */
function standingFor(node: Node): Node[] | null {
  if (node.type === 'LogicalExpression') return node.operator === '&&' ? null : [node.left, node.right]
  if (node.type === 'ConditionalExpression') return [node.alternate]
  if (node.type === 'CallExpression' && /^(?:Number|parseInt|parseFloat|String)$/.test(dotted(node.callee)))
    return node.arguments.slice(0, 1)
  return node.type === 'UnaryExpression' && node.operator === '+' ? [node.argument] : null
}

/** Returns the string in a template literal without expressions; null for any other node. */
function textWithout(node: Node): string | null {
  return node.type === 'TemplateLiteral' && node.expressions.length === 0
    ? (node.quasis[0]?.value.cooked ?? null)
    : null
}

/** Returns the named option of an object as a number; null if the value is unknown, negative or greater than 10 million. */
export function numberIn(parts: readonly Part[], name: string, frame: Frame): number | null {
  const value = optionValue(partNamed(parts, name), frame)
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 && number <= 10_000_000 ? number : null
}

export function textIn(parts: readonly Part[], name: string, frame: Frame): string | null {
  const value = optionValue(partNamed(parts, name), frame)
  return value === null ? null : String(value)
}

/** Returns the named option in seconds; null if the value is unknown, or is a string for more than 365 days. k6 reads a number as milliseconds. */
export function secondsIn(parts: readonly Part[], name: string, frame: Frame): number | null {
  const value = optionValue(partNamed(parts, name), frame)
  if (typeof value === 'number') return value / 1000
  if (typeof value !== 'string' || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(value)) return null
  const ms = durationMs(value)
  return Number.isFinite(ms) && ms <= 365 * 86_400_000 ? ms / 1000 : null
}

/** Returns the named option as a list of objects. */
export function listIn(parts: readonly Part[], name: string, frame: Frame): Part[][] | null {
  const node = partNamed(parts, name)
  const list = node && (constantOf(node, frame) ?? node)
  if (list?.type !== 'ArrayExpression') return null
  const items = list.elements.map((one) => (one && one.type !== 'SpreadElement' ? partsOf(one, frame) : null))
  return items.includes(null) ? null : (items as Part[][])
}

/** Returns a number of seconds as a duration in the syntax of scenarios, such as `1m`. */
export function durationText(seconds: number): string {
  const ms = Math.round(seconds * 1000)
  if (ms % 3_600_000 === 0 && ms > 0) return `${ms / 3_600_000}h`
  if (ms % 60_000 === 0 && ms > 0) return `${ms / 60_000}m`
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}
