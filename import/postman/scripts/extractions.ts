import { type Node, dotted, stringOf } from '../../k6/syntax.ts'
import type { Found } from '../../requests/request.ts'
import { type Source, settingIn } from './reading.ts'
import { testIn } from './parts.ts'

/** A variable that a script sets to a value from the response. */
export interface Setting {
  name: string
  found: Found
}

/** Returns the variables that a script sets to a single value of the response. */
export function simpleSettings({ program }: Source): Map<Node, Setting> {
  const found = new Map<Node, Setting>()
  readNodes(withoutConditions(program.body), new Map(), found)
  return found
}

function readNodes(nodes: readonly Node[], outer: ReadonlyMap<string, Found>, found: Map<Node, Setting>): void {
  const known = new Map(outer)
  for (const node of nodes) {
    const test = testIn(node)
    if (test) readNodes(withoutConditions(test.body), known, found)
    if (node.type === 'VariableDeclaration') readVariables(node, known)
    const set = node.type === 'ExpressionStatement' ? settingIn(node.expression) : null
    const place = set && foundIn(set.value, known)
    if (set && place) found.set(node, { name: set.name, found: place })
  }
}

function readVariables(
  { declarations }: Extract<Node, { type: 'VariableDeclaration' }>,
  known: Map<string, Found>,
): void {
  for (const { id, init } of declarations) {
    const place = init && foundIn(init, known)
    if (place && id.type === 'Identifier') known.set(id.name, place)
  }
}

/**
 * Replaces `if (pm.response.code === 200) { … }` with the statements in its block. The scenario does not need this condition: if the response does
 * not contain a value that the block reads, the requests that need this value fail with or without the condition.
 */
export function withoutConditions(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => {
    if (node.type !== 'IfStatement' || node.alternate || !testsSuccess(node.test)) return [node]
    const { consequent } = node
    return consequent.type === 'BlockStatement' ? withoutConditions(consequent.body) : [consequent]
  })
}

function testsSuccess(node: Node): boolean {
  if (node.type !== 'BinaryExpression' || !['===', '=='].includes(node.operator)) return false
  const code = node.right.type === 'Literal' ? Number(node.right.value) : Number.NaN
  return /^(?:pm\.response\.code|responseCode\.code)$/.test(dotted(node.left)) && code >= 200 && code < 300
}

/**
 * Returns the part of the response that an expression reads: `pm.response.json().a[0].b`, `JSON.parse(responseBody).a`,
 * `pm.response.headers.get('x')`.
 */
function foundIn(node: Node, known: ReadonlyMap<string, Found>): Found | null {
  if (node.type === 'ChainExpression') return foundIn(node.expression, known)
  if (node.type === 'Identifier') return known.get(node.name) ?? null
  if (node.type === 'CallExpression') return foundByCall(node)
  if (node.type !== 'MemberExpression') return null
  const of = foundIn(node.object, known)
  const key = node.computed ? literalKey(node.property) : (node.property as { name?: string }).name
  return of && 'json' in of && key !== undefined ? { json: [...of.json, key] } : null
}

function foundByCall(node: Extract<Node, { type: 'CallExpression' }>): Found | null {
  const callee = dotted(node.callee)
  const [first] = node.arguments
  if (callee === 'pm.response.json') return { json: [] }
  if (callee === 'JSON.parse' && first && /^(?:responseBody|\?)$/.test(dotted(first))) {
    const isText =
      dotted(first) === 'responseBody' ||
      (first.type === 'CallExpression' && dotted(first.callee) === 'pm.response.text')
    return isText ? { json: [] } : null
  }
  const header = callee === 'pm.response.headers.get' ? stringOf(first) : null
  return header === null ? null : { header: header.toLowerCase() }
}

function literalKey(node: Node): string | number | undefined {
  if (node.type !== 'Literal') return undefined
  return typeof node.value === 'string' || typeof node.value === 'number' ? node.value : undefined
}
