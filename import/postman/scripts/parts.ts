import { type Node, dotted, isFn, namesOf, someNode, stringOf } from '../../k6/syntax.ts'
import { settingIn } from './reading.ts'

/** The name and the statements of `pm.test(name, function)`; null for any other node. */
export function testIn(node: Node): { name: Node; body: Node[] } | null {
  const of = node.type === 'ExpressionStatement' ? node.expression : node
  if (of.type !== 'CallExpression' || !/^(?:pm\.)?test$/.test(dotted(of.callee))) return null
  const [name, fn] = of.arguments
  if (!name || name.type === 'SpreadElement' || !isFn(fn)) return null
  return { name, body: fn.body.type === 'BlockStatement' ? fn.body.body : [asStatement(fn.body)] }
}

function asStatement(of: Node): Node {
  return { type: 'ExpressionStatement', expression: of, start: of.start, end: of.end } as Node
}

/** The name and the condition of `tests['name'] = condition` in old scripts; null for any other node. */
export function legacyTest(node: Node): { name: string; value: Node } | null {
  const of = node.type === 'ExpressionStatement' ? node.expression : node
  if (of.type !== 'AssignmentExpression' || of.left.type !== 'MemberExpression') return null
  const { object, property } = of.left
  const name = of.left.computed ? stringOf(property) : null
  return object.type === 'Identifier' && object.name === 'tests' && name !== null ? { name, value: of.right } : null
}

/** A test, and the conditions around it. */
export interface Guarded {
  node: Node
  conditions: readonly { test: Node; isTrue: boolean }[]
}

interface Splitting {
  isCheck: (node: Node) => boolean
  /** Returns the statements of a test that are not checks, because a test may also set variables. */
  restOf: (node: Node) => Node[]
}

/** Splits conditions that contain tests: the tests with their conditions, and all other statements. */
export function splitTests(nodes: readonly Node[], given: Splitting): { tests: Guarded[]; others: Node[] } {
  const { isCheck, restOf } = given
  const tests: Guarded[] = []
  const others = nodes.flatMap((node): Node[] => {
    if (isCheck(node)) {
      tests.push({ node, conditions: [] })
      return restOf(node)
    }
    if (node.type !== 'IfStatement' || !someNode(node, (one) => one.type === 'ExpressionStatement' && isCheck(one)))
      return [node]
    const { test, consequent, alternate } = node
    const inside = (branch: Node | null | undefined, isTrue: boolean): Node[] => {
      const split = splitTests(branch?.type === 'BlockStatement' ? branch.body : branch ? [branch] : [], given)
      const own = split.tests.map((one) => ({ ...one, conditions: [{ test, isTrue }, ...one.conditions] }))
      tests.push(...own)
      return split.others
    }
    const body = inside(consequent, true)
    const rest = inside(alternate, false)
    if (body.length + rest.length === 0) return []
    const block = (part: Node[]): Node =>
      ({ type: 'BlockStatement', body: part, start: node.start, end: node.end }) as Node
    return [{ ...node, consequent: block(body), alternate: rest.length > 0 ? block(rest) : null } as Node]
  })
  return { tests, others }
}

/** The statements of a test that set variables, with the declarations that these statements need. */
export function settingNodes(body: readonly Node[], declared: ReadonlySet<string>): Node[] {
  const sets = (node: Node): boolean =>
    node.type !== 'VariableDeclaration' && someNode(node, (one) => settingIn(one) !== null)
  if (!body.some(sets)) return []
  return body.filter((node) => {
    if (node.type !== 'VariableDeclaration') return sets(node)
    return !node.declarations.some(({ id }) => namesOf(id).some((name) => declared.has(name)))
  })
}

/** Returns the names that statements declare. */
export function declaredIn(nodes: readonly Node[]): Set<string> {
  return new Set(
    nodes.flatMap((node) =>
      node.type === 'VariableDeclaration' ? node.declarations.flatMap(({ id }) => namesOf(id)) : [],
    ),
  )
}
