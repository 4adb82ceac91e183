import { type Module, apiOf, requestMethod } from './frame.ts'
import { opensSocket } from './sockets/sessions.ts'
import { type Fn, type Node, keyOf, someNode } from './syntax.ts'

const ofUsers = new Set(['__VU', '__ITER', '__ENV'])

/** Returns the functions and constants that become members of the user class, because they use properties of a user or other members. */
export function membersOf(module: Module): Set<string> {
  const constants = new Set<string>()
  for (const [name, { init }] of module.constants) if (init && isOfEnvironment(init)) constants.add(name)
  const functions = spread(module, (node) => needsUser(node, module, constants))
  return new Set([...constants, ...functions])
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

function needsUser(node: Node, module: Module, constants: ReadonlySet<string>): boolean {
  if (node.type === 'Identifier') return ofUsers.has(node.name) || constants.has(node.name)
  if (opensSocket(node, { module, scope: new Map() })) return true
  if (node.type !== 'MemberExpression' && node.type !== 'CallExpression') return false
  if (requestMethod(node, { module, scope: new Map() }) !== null) return true
  const target = node.type === 'CallExpression' ? node.callee : node
  const api = apiOf(target, { module, scope: new Map() })
  if (api !== null) return /^k6(?:\.(?:check|sleep|group)$|\/http\.|\/execution\.)/.test(api)
  const isAdd = target.type === 'MemberExpression' && keyOf(target) === 'add' && target.object.type === 'Identifier'
  return isAdd && target.object.type === 'Identifier' && module.metrics.has(target.object.name)
}

/** Returns the functions that contain a node for which `holds` returns true, and all functions that refer to such functions. */
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
