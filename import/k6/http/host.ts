import type { Expr } from '../../scenario/code.ts'
import { type Frame, constantOf } from '../frame.ts'
import { type Node, stringOf } from '../syntax.ts'
import { hostDefault } from './url.ts'

/** Removes the host of the scenario from a URL that the script passes to an object. The requests of this object then go to the host of the run. */
export function hostOf(node: Node | undefined, value: Expr, frame: Frame): Expr {
  if (!node) return value
  const text = stringOf(constantOf(node, frame) ?? node) ?? hostDefault(node, frame) ?? ''
  const origin = /^https?:\/\/[^/?#]+\/?$/.test(text) ? URL.parse(text)?.origin : undefined
  if (origin === undefined) return value
  const host = { k: 'str' as const, value: text }
  frame.module.facts.push({
    method: '',
    tags: new Map(),
    group: null,
    origin,
    settle: (common) => void (host.value = common === origin ? text.slice(origin.length) : text),
    nameFor: () => '',
  })
  return host
}
