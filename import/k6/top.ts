import type { Param, Stmt } from '../scenario/code.ts'
import { some } from '../scenario/walk.ts'
import { fnParts, resultType } from './code/functions.ts'
import { ownName } from './code/names.ts'
import { typeOf } from './code/statements/declarations.ts'
import { type FeedConstant, csvRows } from './feeds.ts'
import { type Frame, type Module, isChange, isLost, translate } from './frame.ts'
import { metricStmts } from './members.ts'
import type { Declared } from './module.ts'
import { classIn } from './objects/reading.ts'
import { classStmt } from './objects/writing.ts'
import { type Fn, type Node, isFn } from './syntax.ts'

/**
 * Returns the constants, functions, classes and other statements at the top of the script, except those that need a user. The writer removes unused
 * constants and functions.
 */
export function topOf(declared: Declared, feeds: readonly FeedConstant[]): Stmt[] {
  const { module } = declared
  const ofUsers = new Set(metricStmts(module))
  return declared.order.flatMap((node): Stmt[] => {
    if (ofUsers.has(node)) return []
    const frame: Frame = { module, mode: 'module', scope: new Map(), before: [], group: null, folded: new Map() }
    const stmts = topStmts(node, { declared, feeds, frame })
    return stmts.length === 0 || stmts === frame.before ? stmts : [...frame.before, ...stmts]
  })
}

interface TopPlace {
  declared: Declared
  feeds: readonly FeedConstant[]
  frame: Frame
}

function topStmts(node: Node, place: TopPlace): Stmt[] {
  const { module, exports } = place.declared
  if (node.type === 'FunctionDeclaration' && isFn(node)) {
    const name = node.id?.name ?? ''
    return isOutside(name, { module, exports }) ? [functionStmt(name, node, place.frame)] : []
  }
  const ofClass = module.classes.get(classIn(node)?.name ?? '')
  if (ofClass) return [classStmt(ofClass, module)]
  if (isFn(node)) return []
  return node.type === 'VariableDeclarator'
    ? variableStmts(node, place)
    : module.translator.block([node], place.frame, node)
}

function variableStmts(
  node: Extract<Node, { type: 'VariableDeclarator' }>,
  { declared: { module, exports }, feeds, frame }: TopPlace,
): Stmt[] {
  const name = node.id.type === 'Identifier' ? node.id.name : ''
  if (!isOutside(name, { module, exports }) || module.metrics.has(name)) return []
  const feed = feeds.find((one) => one.name === name)
  if (feed) return [{ k: 'var', kind: 'const', name: ownName(name), value: feed.value }]
  const { init } = node
  if (!init) return [{ k: 'var', kind: 'let', name: ownName(name), type: 'any' }]
  if (isFn(init)) return [functionStmt(name, init, frame)]
  const stmt = constantStmt(name, init, frame)
  return stmt ? [stmt] : frame.before
}

/**
 * Returns true if a declaration stays at the top of the file. Declarations that become members of the user class do not stay there. Exports that k6
 * itself uses, such as `options` and `setup`, do not stay there either.
 */
function isOutside(name: string, { module, exports }: Pick<Declared, 'module' | 'exports'>): boolean {
  const own = ['options', 'setup', 'teardown', 'handleSummary', 'default'].map((key) => exports.get(key))
  return name !== '' && !module.members.has(name) && !own.includes(name)
}

function constantStmt(name: string, init: Node, frame: Frame): Stmt | null {
  const { mentions, script } = frame.module
  const changes = mentions.within(name, script.program).filter(isChange)
  const isReassigned = changes.some(([, parent]) => parent?.type !== 'MemberExpression')
  const value = csvRows(init, frame) ?? translate(init, frame)
  if (some(value, isLost)) {
    frame.module.lost.add(name)
    return null
  }
  const isOpen = init.type === 'ObjectExpression' && (init.properties.length === 0 || changes.length > 0)
  const binding = { expr: value, kind: isOpen ? ('any' as const) : ('plain' as const) }
  const type = typeOf(init, value, binding)
  return {
    k: 'var',
    kind: isReassigned ? 'let' : 'const',
    name: ownName(name),
    value,
    ...(type !== undefined && { type }),
  }
}

function functionStmt(name: string, fn: Fn, frame: Frame, first: readonly Param[] = []): Stmt {
  const { params, body, value } = fnParts(fn, frame)
  const isAsync = fn.async || frame.module.asyncs.has(name)
  const stmts: Stmt[] = value ? [{ k: 'return', of: value }] : body
  return {
    k: 'function',
    fn: {
      name: ownName(name),
      params: [...first, ...params],
      async: isAsync,
      ...(fn.generator && { generator: true }),
      ...resultType(fn, isAsync),
      body: stmts,
    },
  }
}

/** Returns the functions that `setup` and `teardown` call. In these functions, requests are sent with `fetch`. */
export function hookFunctions(module: Module): Stmt[] {
  const found: Stmt[] = []
  const done = new Set<string>()
  for (let left = [...module.hooked]; left.length > 0; left = [...module.hooked].filter((name) => !done.has(name))) {
    for (const name of left) {
      done.add(name)
      const fn = module.functions.get(name)
      const frame: Frame = { module, mode: 'hook', scope: new Map(), before: [], group: null, folded: new Map() }
      if (fn) found.push(functionStmt(name, fn, frame, [{ name: 'run', type: 'RunContext' }]))
    }
  }
  return found
}
