import type { Entry, Expr } from '../../scenario/code.ts'
import { type Frame, constantOf, isChange, translate } from '../frame.ts'
import { type Node, dotted, propertyName, someNode } from '../syntax.ts'

/** A part of an object literal: a property, or another object that is spread into the literal. */
export type Part = { key: string; value: Node } | { computed: Node; value: Node } | { spread: Node }

const mostSteps = 20

/**
 * Returns the parts of the object literal to which a node evaluates. Resolves constants, spread objects and `Object.assign`. Returns null if the
 * object is unknown.
 */
export function partsOf(node: Node | null | undefined, frame: Frame, steps = 0): Part[] | null {
  if (!node || steps > mostSteps) return null
  if (node.type === 'ObjectExpression') return node.properties.flatMap((one) => partsIn(one, frame, steps))
  if (node.type === 'CallExpression' && dotted(node.callee) === 'Object.assign')
    return node.arguments.flatMap((one) => partsOf(one, frame, steps + 1) ?? [{ spread: one }])
  const value = isChanged(node, frame) ? null : constantOf(node, frame)
  return value ? partsOf(value, frame, steps + 1) : null
}

function partsIn(node: Node, frame: Frame, steps: number): Part[] {
  if (node.type === 'SpreadElement') return partsOf(node.argument, frame, steps + 1) ?? [{ spread: node.argument }]
  if (node.type !== 'Property') return []
  const key = propertyName(node)
  return [key === null ? { computed: node.key, value: node.value } : { key, value: node.value }]
}

function isChanged(node: Node, { module }: Frame): boolean {
  return node.type === 'Identifier' && module.mentions.within(node.name, module.script.program).some(isChange)
}

/** Returns the value of the last part with this name; null if no part has the name. */
export function partNamed(parts: readonly Part[], name: string): Node | null {
  const found = parts.findLast((part) => 'key' in part && part.key === name)
  return found && 'value' in found ? found.value : null
}

/** Returns the parts as entries of an object literal, without parts that a later part with the same name overrides. */
export function entriesOf(parts: readonly Part[], frame: Frame): Entry[] {
  const last = (part: Part): boolean =>
    !('key' in part) || parts.findLast((other) => 'key' in other && other.key === part.key) === part
  return parts.filter(last).map((part): Entry => {
    if ('spread' in part) return { spread: translate(part.spread, frame) }
    const value: Expr = translate(part.value, frame)
    return 'key' in part ? { key: part.key, value } : { computed: translate(part.computed, frame), value }
  })
}

/**
 * Returns true if a constant contains a random value or the time, and the script uses the constant several times. All uses need the same value, so
 * the scenario must keep the constant.
 */
export function isDrawnOnce(node: Node | null, value: Node, { module }: Frame): boolean {
  if (node?.type !== 'Identifier' || !someNode(value, isDraw)) return false
  return module.mentions.within(node.name, module.script.program).length > 2
}

function isDraw(node: Node): boolean {
  if (node.type === 'NewExpression') return dotted(node.callee) === 'Date'
  return node.type === 'CallExpression' && /(?:^|\.)(?:random\w*|uuidv?\d?|now)$/i.test(dotted(node.callee))
}
