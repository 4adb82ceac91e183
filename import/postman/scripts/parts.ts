import { type Node, dotted, isFn, keyOf, namesOf, someNode } from '../../k6/syntax.ts'
import { settingIn } from './reading.ts'

/** Returns the name and the statements of `pm.test(name, function)`; null for any other node. */
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

/** Returns the name and the condition of `tests['name'] = condition` in old scripts; null for any other node. */
export function legacyTest(node: Node): { name: string; value: Node } | null {
  const of = node.type === 'ExpressionStatement' ? node.expression : node
  if (of.type !== 'AssignmentExpression' || of.left.type !== 'MemberExpression') return null
  const { object, property } = of.left
  if (object.type !== 'Identifier' || object.name !== 'tests' || !of.left.computed) return null
  return { name: fixedName(property), value: of.right }
}

/** A test. `around` contains the conditions and loops around the test, and the constants of these loops, from the outermost to the innermost. */
export interface Guarded {
  node: Node
  around: readonly Wrapper[]
}

type Wrapper =
  | { kind: 'if'; test: Node; isTrue: boolean }
  | ({ kind: 'each' } & Loop)
  | { kind: 'constant'; name: string; init: Node }

/** A loop over the items of a list. */
interface Loop {
  list: Node
  item: string | null
  index: string | null
}

type Of<T extends Node['type']> = Extract<Node, { type: T }>

interface Splitting {
  isCheck: (node: Node) => boolean
  /** Returns the statements of a test that are not part of the check: the statements that set variables. */
  restOf: (node: Node) => Node[]
}

interface Split {
  tests: Guarded[]
  others: Node[]
}

/** Separates tests from all other statements, even inside conditions and loops. Each test keeps the conditions and loops that surround it. */
export function splitTests(nodes: readonly Node[], given: Splitting): Split {
  const tests: Guarded[] = []
  const others = nodes.flatMap((node): Node[] => {
    if (given.isCheck(node)) {
      tests.push({ node, around: [] })
      return given.restOf(node)
    }
    const isOuter = someNode(node, (one) => one.type === 'ExpressionStatement' && given.isCheck(one))
    const split = !isOuter ? null : node.type === 'IfStatement' ? splitIf(node, given) : splitLoop(node, given)
    tests.push(...(split?.tests ?? []))
    return split?.others ?? [node]
  })
  return { tests, others }
}

function splitIf(node: Of<'IfStatement'>, given: Splitting): Split {
  const { test, consequent, alternate } = node
  const [yes, no] = [splitTests(bodyOf(consequent), given), splitTests(alternate ? bodyOf(alternate) : [], given)]
  const tests = [
    ...yes.tests.map((one) => within(one, { kind: 'if', test, isTrue: true })),
    ...no.tests.map((one) => within(one, { kind: 'if', test, isTrue: false })),
  ]
  if (yes.others.length + no.others.length === 0) return { tests, others: [] }
  const rest = no.others.length > 0 ? blockOf(no.others, node) : null
  return { tests, others: [{ ...node, consequent: blockOf(yes.others, node), alternate: rest } as Node] }
}

function splitLoop(node: Node, given: Splitting): Split | null {
  const loop = loopIn(node)
  if (!loop) return null
  const { list, item, index, body } = loop
  const inner = splitTests(body, given)
  const constants = inner.others.filter((one) => !isLog(one)).map((one) => constantsIn(one))
  if (constants.includes(null)) return null
  const wrappers = constants.flatMap((found) => found ?? [])
  const tests = inner.tests.map(({ node: test, around }) => ({
    node: test,
    around: [{ kind: 'each' as const, list, item, index }, ...wrappers, ...around],
  }))
  return { tests, others: [] }
}

function isLog(node: Node): boolean {
  if (node.type !== 'ExpressionStatement' || node.expression.type !== 'CallExpression') return false
  return dotted(node.expression.callee).startsWith('console.')
}

/** Returns the constants that a statement declares; null if the statement does anything else. */
function constantsIn(node: Node): Wrapper[] | null {
  if (node.type !== 'VariableDeclaration') return null
  const found = node.declarations.map(({ id, init }): Wrapper | null =>
    id.type === 'Identifier' && init ? { kind: 'constant', name: id.name, init } : null,
  )
  const all = found.filter((one) => one !== null)
  return all.length === found.length ? all : null
}

function within({ node, around }: Guarded, outer: Wrapper): Guarded {
  return { node, around: [outer, ...around] }
}

function bodyOf(node: Node): Node[] {
  return node.type === 'BlockStatement' ? node.body : [node.type.endsWith('Statement') ? node : asStatement(node)]
}

function blockOf(body: readonly Node[], { start, end }: Node): Node {
  return { type: 'BlockStatement', body, start, end } as Node
}

/** Reads `list.forEach(…)`, `_.each(list, …)`, `for (const item of list)` and `for (let i = 0; i < list.length; i++)`. */
function loopIn(node: Node): (Loop & { body: Node[] }) | null {
  if (node.type === 'ForStatement') return countedLoop(node)
  if (node.type === 'ExpressionStatement') return eachLoop(node.expression)
  if (node.type !== 'ForOfStatement' || node.left.type !== 'VariableDeclaration') return null
  const target = node.left.declarations[0]?.id
  if (target?.type !== 'Identifier') return null
  return { list: node.right, item: target.name, index: null, body: bodyOf(node.body) }
}

function eachLoop(of: Node): (Loop & { body: Node[] }) | null {
  if (of.type !== 'CallExpression' || of.callee.type !== 'MemberExpression' || of.callee.object.type === 'Super')
    return null
  const isLodash = /^_\.(?:each|forEach)$/.test(dotted(of.callee))
  if (!isLodash && keyOf(of.callee) !== 'forEach') return null
  const [list, fn] = isLodash ? of.arguments : [of.callee.object, ...of.arguments]
  if (!list || list.type === 'SpreadElement' || !isFn(fn)) return null
  const names = fn.params.flatMap((param) => (param.type === 'Identifier' ? [param.name] : []))
  if (names.length !== fn.params.length || names.length > 2) return null
  return { list, item: names[0] ?? null, index: names[1] ?? null, body: bodyOf(fn.body) }
}

/** Reads a loop over all items of a list. Returns null if the loop does not begin at the first item, or skips items. */
function countedLoop(node: Of<'ForStatement'>): (Loop & { body: Node[] }) | null {
  const index = counterIn(node)
  const size = node.test?.type === 'BinaryExpression' ? node.test.right : null
  if (index === null || size?.type !== 'MemberExpression' || keyOf(size) !== 'length' || size.object.type === 'Super')
    return null
  const list = size.object
  const nodes = bodyOf(node.body)
  const items = nodes.map((one) => itemIn(one, list, index))
  const own = items.findIndex((item) => item !== null)
  return { list, item: items[own] ?? null, index, body: nodes.filter((_, at) => at !== own) }
}

function isNamed(node: Node | null | undefined, name: string): boolean {
  return node?.type === 'Identifier' && node.name === name
}

/**
 * Returns the name of the loop's counter if the counter counts from 0 in steps of 1 and the body does not change the counter. Returns null for any
 * other loop.
 */
function counterIn({ init, test, update, body }: Of<'ForStatement'>): string | null {
  const [counter, more] = init?.type === 'VariableDeclaration' ? init.declarations : []
  if (more || counter?.id.type !== 'Identifier' || !isZero(counter.init)) return null
  const { name } = counter.id
  if (update?.type !== 'UpdateExpression' || update.operator !== '++' || !isNamed(update.argument, name)) return null
  if (test?.type !== 'BinaryExpression' || test.operator !== '<' || !isNamed(test.left, name)) return null
  return someNode(body, (one) => changes(one, name)) ? null : name
}

function isZero(node: Node | null | undefined): boolean {
  return node?.type === 'Literal' && node.value === 0
}

function changes(node: Node, name: string): boolean {
  if (node.type === 'UpdateExpression') return isNamed(node.argument, name)
  return node.type === 'AssignmentExpression' && isNamed(node.left, name)
}

/** Returns the name in `const item = list[i]`; null for any other statement. */
function itemIn(node: Node, list: Node, index: string): string | null {
  const [first, more] = node.type === 'VariableDeclaration' ? node.declarations : []
  if (more || first?.id.type !== 'Identifier' || first.init?.type !== 'MemberExpression' || !first.init.computed)
    return null
  const isOfList = !dotted(list).includes('?') && dotted(first.init.object) === dotted(list)
  return isOfList && isNamed(first.init.property, index) ? first.id.name : null
}

/** Returns the name of a test in a loop, with `…` in place of expressions. */
export function fixedName(node: Node): string {
  if (node.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.cooked ?? '').join('…')
  if (node.type === 'BinaryExpression' && node.left.type !== 'PrivateIdentifier')
    return fixedName(node.left) + fixedName(node.right)
  return node.type === 'Literal' ? String(node.value) : '…'
}

/** Returns those statements of a test that set variables, and the declarations that these statements need. */
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
