import { type Expr, absent, bool, call, id, member, num, self, snippet, str } from '../../scenario/code.ts'
import { envExpr } from '../env.ts'
import { type Frame, type Metric, lost, translate } from '../frame.ts'
import type { Node } from '../syntax.ts'
import { functionValue } from './calls.ts'
import { isGlobal, ownMember, ownName } from './names.ts'

/** Translates a name that the script uses as a value. */
export function identifierExpr(node: Extract<Node, { type: 'Identifier' }>, frame: Frame): Expr {
  const { name } = node
  const local = frame.scope.get(name)
  if (local?.kind === 'lost' || (!local && frame.module.lost.has(name))) return lost(node, frame)
  if (local) return local.expr
  if (name === 'undefined') return absent
  return declaredExpr(node, frame) ?? constantExpr(node, frame)
}

/** Translates the name of a function, a class or a metric of the script. Returns null for any other name. */
function declaredExpr(node: Extract<Node, { type: 'Identifier' }>, frame: Frame): Expr | null {
  const { functions, classes, metrics } = frame.module
  if (functions.has(node.name)) return functionValue(node.name, frame)
  if (classes.has(node.name)) return id(ownName(node.name))
  const metric = metrics.get(node.name)
  return metric ? metricValue(metric, node, frame) : null
}

function constantExpr(node: Extract<Node, { type: 'Identifier' }>, frame: Frame): Expr {
  const { name } = node
  const { constants, members, imports } = frame.module
  const constant = constants.get(name)
  if (constant) {
    if (!members.has(name)) return id(ownName(name))
    if (frame.mode === 'user') return member(self, ownMember(name))
    return constant.init ? translate(constant.init, { ...frame, scope: new Map() }) : absent
  }
  if (imports.has(name)) return lost(node, frame, `${name} has no counterpart`)
  return builtIn(name, frame) ?? (isGlobal(name) ? id(name) : lost(node, frame, `${name} is not known`))
}

/** Translates a metric that the script uses as a value. */
export function metricValue({ kind, name, isSuccess }: Metric, node: Node, frame: Frame): Expr {
  if (frame.mode !== 'user') return lost(node, frame, 'only users record samples')
  return call(snippet('metricOf'), self, str(kind.toUpperCase()), str(name), ...(isSuccess ? [bool(true)] : []))
}

/** Translates `__VU`, `__ITER`, `__ENV`, and the names that a tool other than k6 defines. */
function builtIn(name: string, frame: Frame): Expr | null {
  const own = frame.module.apis?.name(name, frame)
  if (own) return own
  if (name === '__ENV') return envExpr({ type: 'Identifier', name } as Node, frame)
  if (frame.mode !== 'user') return name === '__VU' || name === '__ITER' ? num(0) : null
  if (name === '__VU') return { k: 'binary', op: '+', left: member(self, 'index'), right: num(1) }
  return name === '__ITER' ? member(self, 'iteration') : null
}

/**
 * Translates a metric whose name the script computes. Returns null if `api` is not a metric of k6, if the metric has no name, or if the code does not
 * belong to a user.
 */
export function namedMetric(api: string, name: Expr | undefined, frame: Frame): Expr | null {
  const [, kind] = /^k6\/metrics\.(Trend|Counter|Rate|Gauge)$/.exec(api) ?? []
  if (kind === undefined || !name || frame.mode !== 'user') return null
  return call(snippet('metricOf'), self, str(kind.toUpperCase()), name)
}
