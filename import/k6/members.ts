import { type Module, apiOf, isChange, requestMethod } from './frame.ts'
import { madeClass } from './objects/reading.ts'
import { opensSocket } from './sockets/sessions.ts'
import { type Fn, type Mention, type Node, dotted, isFn, keyOf, namesOf, someNode, walkNodes } from './syntax.ts'

const ofUsers = new Set(['__VU', '__ITER', '__ENV'])

/**
 * Returns the functions and constants that become members of the user class. They become members if they use properties of a user, if they use other
 * members, or if users change them.
 */
export function membersOf(module: Module, hooks: readonly string[]): Set<string> {
  const constants = new Set<string>()
  for (const [name, { init }] of module.constants) {
    if (module.classes.has(name)) continue
    if ((init && isOfEnvironment(init)) || isOfEachUser(name, module, hooks) || hasMetric(name, module))
      constants.add(name)
  }
  for (const stmt of metricStmts(module))
    walkNodes(stmt, (node) => {
      const of = node.type === 'AssignmentExpression' ? rootOf(node.left) : ''
      if (module.constants.has(of)) constants.add(of)
    })
  const functions = spread(module, (node) => needsUser(node, module, constants))
  return new Set([...constants, ...functions])
}

/** Returns the top-level statements of the script that create metrics but are not declarations. These statements run for each user. */
export function metricStmts(module: Module): Node[] {
  const declarations = /^(?:Import|Export|Function|Variable|Class)/
  return module.script.program.body.filter(
    (stmt) => !declarations.test(stmt.type) && someNode(stmt, (node) => isNewMetric(node, module)),
  )
}

/** Returns the variable at the beginning of a member access: `a` for `a.b[c]`. */
function rootOf(node: Node): string {
  if (node.type === 'Identifier') return node.name
  return node.type === 'MemberExpression' ? rootOf(node.object) : ''
}

/**
 * Returns true if the value of a constant contains a metric or an object with a reference to the user. Such a constant belongs to a user, because
 * metrics record samples of a user. Returns false if the constant is itself a metric.
 */
function hasMetric(name: string, module: Module): boolean {
  const init = module.constants.get(name)?.init
  if (!init || module.metrics.has(name)) return false
  return someNode(init, (node) => {
    if (node.type === 'Identifier') return module.metrics.has(node.name)
    return isNewMetric(node, module) || makesOwnObject(node, module)
  })
}

/** Returns true if code makes an object that has a reference to the user. */
function makesOwnObject(node: Node, module: Module): boolean {
  return module.userClasses.has(madeClass(node, module))
}

function isNewMetric(node: Node, module: Module): boolean {
  const api = node.type === 'NewExpression' ? apiOf(node.callee, { module, scope: new Map() }) : null
  return api?.startsWith('k6/metrics.') === true
}

/** Returns true if a constant depends on `__ENV` and does not read a file. */
function isOfEnvironment(init: Node): boolean {
  const names = new Set<string>()
  someNode(init, (node) => {
    if (node.type === 'Identifier') names.add(node.name)
    return false
  })
  return names.has('__ENV') && !names.has('open') && !names.has('SharedArray')
}

/**
 * Returns true if the code changes a variable of the file, but only in functions that users run. In k6, each VU has its own copy of such a variable.
 * In burst, all users of a worker share one copy.
 */
function isOfEachUser(
  name: string,
  { constants, functions, mentions, metrics, script }: Module,
  hooks: readonly string[],
): boolean {
  const init = constants.get(name)?.init ?? null
  if (metrics.has(name)) return false
  const ranges = [...functions].map(([fnName, fn]) => ({ fnName, fn }))
  const changes = mentions.within(name, script.program).filter((mention) => isChange(mention) || fills(init, mention))
  const places = changes
    .map(([{ start }]) => ranges.find(({ fn }) => fn.start < start && start < fn.end))
    .filter((place) => !place || !declares(place.fn, name))
  return places.length > 0 && places.every((place) => place && !hooks.includes(place.fnName))
}

const filling = new Set('push pop shift unshift splice sort reverse fill set add delete clear'.split(' '))

/** Returns true for calls such as `seen.push(id)` that change a list, a map or a set of the file. */
function fills(init: Node | null, [one, parent, call]: Mention): boolean {
  const isCollection =
    init?.type === 'ArrayExpression' ||
    (init?.type === 'NewExpression' && /^(?:Map|Set|Array)$/.test(dotted(init.callee) ?? ''))
  if (!isCollection || parent?.type !== 'MemberExpression' || parent.object !== one) return false
  return call?.type === 'CallExpression' && call.callee === parent && filling.has(keyOf(parent) ?? '')
}

/** Returns true if a function has its own variable of that name. */
function declares(fn: Fn, name: string): boolean {
  return someNode(
    fn,
    (node) =>
      (isFn(node) && node.params.some((param) => namesOf(param).includes(name))) ||
      (node.type === 'VariableDeclarator' && namesOf(node.id).includes(name)),
  )
}

/** Returns true if code of a class uses the user. */
export function usesUser(node: Node, module: Module): boolean {
  return needsUser(node, module, new Set())
}

function needsUser(node: Node, module: Module, constants: ReadonlySet<string>): boolean {
  if (node.type === 'Identifier')
    return ofUsers.has(node.name) || constants.has(node.name) || module.metrics.has(node.name)
  if (isNewMetric(node, module) || makesOwnObject(node, module)) return true
  if (opensSocket(node, { module, scope: new Map() })) return true
  if (node.type !== 'MemberExpression' && node.type !== 'CallExpression') return false
  if (requestMethod(node, { module, scope: new Map() }) !== null) return true
  const target = node.type === 'CallExpression' ? node.callee : node
  const api = apiOf(target, { module, scope: new Map() })
  if (api !== null) return /^k6(?:\.(?:check|sleep|group)$|\/http\.|\/execution\.)/.test(api)
  const isAdd = target.type === 'MemberExpression' && keyOf(target) === 'add' && target.object.type === 'Identifier'
  return isAdd && target.object.type === 'Identifier' && module.metrics.has(target.object.name)
}

/**
 * Returns each function that contains a node for which `holds` is true. Also returns all functions that refer to one of these functions, directly or
 * indirectly.
 */
export function spread({ functions, mentions, script }: Module, holds: (node: Node) => boolean): Set<string> {
  const found = new Set<string>()
  const left: string[] = []
  const add = (name: string): void => {
    if (found.has(name)) return
    found.add(name)
    left.push(name)
  }
  for (const [name, node] of functions) if (someNode(node, holds)) add(name)
  const ranges = [...functions].toSorted(([, a], [, b]) => a.start - b.start)
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    for (const [{ start }] of mentions.within(name, script.program)) {
      const other = ranges[lastBefore(ranges, start)]
      if (other && start < other[1].end) add(other[0])
    }
  }
  return found
}

/** Returns the index of the last function that begins before a position. */
function lastBefore(ranges: readonly (readonly [string, Fn])[], position: number): number {
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle]?.[1].start ?? 0) < position) low = middle + 1
    else high = middle
  }
  return low - 1
}
