import { type Frame, type Metric, apiOf } from './frame.ts'
import { type Node, stringOf } from './syntax.ts'

export const metricKinds = new Set(['Trend', 'Counter', 'Rate', 'Gauge'])

/** Returns the metric that `new Trend('name')` makes; null for any other node. */
export function newMetric(node: Node, frame: Pick<Frame, 'module' | 'scope'>): Metric | null {
  if (node.type !== 'NewExpression') return null
  const kind = apiOf(node.callee, frame)?.replace(/^k6\/metrics\./, '') ?? ''
  const name = stringOf(node.arguments[0])
  return metricKinds.has(kind) && name !== null ? { kind: kind as 'Trend', name, isSuccess: false } : null
}
