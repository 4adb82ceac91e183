import { type Expr, at, binary, id, member, self, str } from '../scenario/code.ts'
import { type Frame, translate } from './frame.ts'
import { type Node, keyOf, stringOf } from './syntax.ts'

/** Returns the name of the variable in `__ENV.NAME`; null for any other node. */
export function envName(node: Node): string | null {
  return node.type === 'MemberExpression' && node.object.type === 'Identifier' && node.object.name === '__ENV'
    ? keyOf(node)
    : null
}

/** Returns the object that has the variables: `vars` in a user or a hook, and `process.env` in code that runs while the file is loaded. */
function variables({ mode }: Frame): Expr {
  if (mode === 'module') return member(id('process'), 'env')
  return member(mode === 'user' ? self : id('run'), 'vars')
}

/** Translates `__ENV.NAME` to an expression whose value may be undefined. */
export function envExpr(node: Node, frame: Frame): Expr {
  const name = envName(node)
  if (name !== null) return at(variables(frame), str(name))
  return node.type === 'MemberExpression' ? at(variables(frame), translate(node.property, frame)) : variables(frame)
}

/** Returns true if a node is `__ENV.NAME` or `__ENV[name]`. */
export function isEnv(node: Node): boolean {
  return node.type === 'MemberExpression' && node.object.type === 'Identifier' && node.object.name === '__ENV'
}

export function orEmpty(value: Expr): Expr {
  return binary(value, '??', str(''))
}

/**
 * Returns the constant default of `__ENV.NAME || 'default'`, `__ENV.NAME ?? 'default'` or `__ENV.NAME ? __ENV.NAME : 'default'`. Returns '' for a
 * plain `__ENV.NAME`, and null for any other node.
 */
export function envDefault(node: Node): string | null {
  if (envName(node) !== null) return ''
  if (node.type === 'LogicalExpression' && node.operator !== '&&' && envName(node.left) !== null)
    return stringOf(node.right)
  if (node.type !== 'ConditionalExpression') return null
  return envName(node.test) !== null && envName(node.consequent) !== null ? stringOf(node.alternate) : null
}
