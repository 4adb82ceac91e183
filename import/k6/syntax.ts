import type { AnyNode, Function as FunctionNode, Pattern } from 'acorn'

export type Node = AnyNode
export type Fn = FunctionNode &
  Extract<Node, { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }>

/** Returns the nodes directly below a node. */
export function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  )
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/** Calls `visit` with a node and all nodes below it. If `visit` returns false for a node, skips the nodes below that node. */
export function walkNodes(node: Node, visit: (node: Node) => boolean | void): void {
  const left = [node]
  for (let one = left.pop(); one; one = left.pop()) if (visit(one) !== false) left.push(...childrenOf(one).toReversed())
}

export function someNode(node: Node, holds: (node: Node) => boolean): boolean {
  let found = false
  walkNodes(node, (one) => {
    found ||= holds(one)
    return !found
  })
  return found
}

export function isFn(node: Node | null | undefined): node is Fn {
  return (
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression' ||
    node?.type === 'ArrowFunctionExpression'
  )
}

/** Returns a dotted path such as `http.get`. A part that is not a name is written as `?`. */
export function dotted(node: Node): string {
  if (node.type === 'ChainExpression') return dotted(node.expression)
  if (node.type === 'Identifier') return node.name
  const key = node.type === 'MemberExpression' ? keyOf(node) : null
  return node.type === 'MemberExpression' && key !== null ? `${dotted(node.object)}.${key}` : '?'
}

/** Returns the constant key of `a.key` or `a['key']`. */
export function keyOf(node: Node): string | null {
  if (node.type !== 'MemberExpression') return null
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : null
  return stringOf(node.property)
}

/** Returns the constant key of a property of an object literal. */
export function propertyName(node: Node): string | null {
  if (node.type !== 'Property') return null
  if (node.computed) return stringOf(node.key)
  if (node.key.type === 'Identifier') return node.key.name
  return node.key.type === 'Literal' ? String(node.key.value) : null
}

/** Returns the value of a string literal, or of a template literal without expressions; null for any other node. */
export function stringOf(node: Node | null | undefined): string | null {
  if (node?.type === 'Literal') return typeof node.value === 'string' ? node.value : null
  return node?.type === 'TemplateLiteral' && node.expressions.length === 0
    ? (node.quasis[0]?.value.cooked ?? null)
    : null
}

/**
 * Returns a constant number. The number may be negative, or the result of `+`, `-`, `*` or `/`, such as `60 * 1000`. Returns null for any other node.
 */
export function numberOf(node: Node | null | undefined): number | null {
  if (node?.type === 'Literal') return typeof node.value === 'number' ? node.value : null
  if (node?.type === 'UnaryExpression' && node.operator === '-') return negated(numberOf(node.argument))
  if (node?.type !== 'BinaryExpression') return null
  const [left, right] = [numberOf(node.left), numberOf(node.right)]
  if (left === null || right === null) return null
  const results: Record<string, number> = { '+': left + right, '-': left - right, '*': left * right, '/': left / right }
  const result = results[node.operator]
  return result !== undefined && Number.isFinite(result) ? result : null
}

function negated(value: number | null): number | null {
  return value === null ? null : -value
}

/** Returns the value of a property of an object literal. */
export function propertyOf(node: Node | null | undefined, name: string): Node | null {
  if (node?.type !== 'ObjectExpression') return null
  const found = node.properties.findLast((one) => propertyName(one) === name)
  return found?.type === 'Property' ? found.value : null
}

/** Returns the names that a pattern declares. */
export function namesOf(pattern: Pattern | Node | null): string[] {
  if (!pattern) return []
  if (pattern.type === 'Identifier') return [pattern.name]
  if (pattern.type === 'AssignmentPattern') return namesOf(pattern.left)
  if (pattern.type === 'RestElement') return namesOf(pattern.argument)
  if (pattern.type === 'ArrayPattern') return pattern.elements.flatMap((one) => namesOf(one))
  if (pattern.type !== 'ObjectPattern') return []
  return pattern.properties.flatMap((one) => namesOf(one.type === 'Property' ? one.value : one.argument))
}

/** A use of a name: the identifier and at most four nodes above it, the nearest first. */
export type Mention = readonly [Node & { type: 'Identifier' }, ...Node[]]

/** Finds all uses of names, except the keys of members and properties. */
export class Mentions {
  readonly #byName = new Map<string, Mention[]>()

  constructor(program: Node) {
    const left: Node[][] = [[program]]
    for (let path = left.pop(); path; path = left.pop()) {
      const [one, parent] = path as [Node, Node | undefined]
      if (one.type === 'Identifier' && !isKey(one, parent)) this.#add(path as unknown as Mention)
      for (const child of childrenOf(one).toReversed()) left.push([child, ...path.slice(0, 4)])
    }
  }

  #add(mention: Mention): void {
    const [{ name }] = mention
    const list = this.#byName.get(name)
    if (list) list.push(mention)
    else this.#byName.set(name, [mention])
  }

  /** Returns the uses of a name between two positions, such as the start and the end of a node. Sorts the uses by their position. */
  within(name: string, { start, end }: { start: number; end: number }): Mention[] {
    const all = this.#byName.get(name) ?? []
    let [low, high] = [0, all.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((all[middle] as Mention)[0].start < start) low = middle + 1
      else high = middle
    }
    const found: Mention[] = []
    for (let at = low; at < all.length && (all[at] as Mention)[0].end <= end; at++) found.push(all[at] as Mention)
    return found
  }
}

function isKey(node: Node, parent: Node | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed
  return parent?.type === 'Property' && parent.key === node && parent.value !== node && !parent.computed
}

/** Returns the target and the value of a statement that assigns one value: `const a = b` or `a = b`; null for any other statement. */
export function bindingIn(node: Node): { target: Node; value: Node | null | undefined } | null {
  if (node.type === 'VariableDeclaration') {
    const [only, more] = node.declarations
    return only && !more ? { target: only.id, value: only.init } : null
  }
  const of = node.type === 'ExpressionStatement' ? node.expression : null
  return of?.type === 'AssignmentExpression' && of.operator === '=' ? { target: of.left, value: of.right } : null
}
