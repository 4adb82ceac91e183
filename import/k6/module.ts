import { type Frame, type Import, type Module, apiOf, requestMethod } from './frame.ts'
import { metricKinds, newMetric } from './new-metric.ts'
import { membersOf, spread, usesUser } from './members.ts'
import {
  hostFields,
  instancesIn,
  isMethodCall,
  methodsOf,
  returnsResponse,
  scriptClasses,
  userClasses,
} from './objects/reading.ts'
import { nothingKnown } from './nothing-known.ts'
import { opensSocket } from './sockets/sessions.ts'
import type { Script } from './source.ts'
import { type Fn, Mentions, type Node, dotted, isFn, namesOf, someNode, stringOf, walkNodes } from './syntax.ts'

/** The declarations of a script, and their exported names. */
export interface Declared {
  module: Module
  exports: Map<string, string>
  /** Statements of the file that are not declarations, and declarations with a pattern such as `const { a, b } = value`. */
  rest: Node[]
  /** The declarations and the other statements, in the order of the script. */
  order: Node[]
}

/** The key for an exported default function that does not have a name. */
export const anonymous = '\u0000default'

interface Reading {
  imports: Map<string, Import>
  functions: Map<string, Fn>
  constants: Map<string, { kind: 'const' | 'let'; init: Node | null; at: Node }>
  exports: Map<string, string>
  rest: Node[]
  order: Node[]
}

/** Sorts the statements of a script. */
export function declarationsOf(
  script: Script,
  { prefix, folder, translator }: Pick<Module, 'prefix' | 'folder' | 'translator'>,
): Declared {
  const reading: Reading = {
    imports: new Map(),
    functions: new Map(),
    constants: new Map(),
    exports: new Map(),
    rest: [],
    order: [],
  }
  for (const node of script.program.body) read(reading, node)
  const module: Module = {
    ...nothingKnown(),
    script,
    mentions: new Mentions(script.program),
    imports: reading.imports,
    functions: reading.functions,
    constants: reading.constants,
    translator,
    prefix,
    folder,
  }
  const whole = withClasses(module, reading)
  const hooks = ['setup', 'teardown', 'handleSummary'].map((name) => reading.exports.get(name) ?? name)
  return {
    module: { ...whole, members: membersOf(whole, hooks) },
    exports: reading.exports,
    rest: reading.rest,
    order: reading.order,
  }
}

/** Adds the metrics and the classes of a script to the module, and sets such as `asyncs` and `responders`, which classify functions and methods. */
function withClasses(module: Module, reading: Reading): Module {
  const metrics = metricsOf(reading, module)
  const classes = scriptClasses(reading.order)
  const instances = instancesIn(module.script.program, { classes })
  const known: Module = { ...module, metrics, classes, instances }
  const { asyncs, asyncMethods } = waitingOf(known)
  const all = [...known.classes.values()].flatMap(methodsOf)
  return {
    ...known,
    asyncs,
    asyncMethods,
    hostFields: hostFields(module.script.program, known),
    methods: new Set(all.map(({ name }) => name)),
    userClasses: userClasses(known, (node) => usesUser(node, known)),
    responders: new Set([
      ...respondersOf(module),
      ...all.filter(({ fn }) => returnsResponse(fn, known)).map(({ name }) => `.${name}`),
    ]),
  }
}

function read(reading: Reading, node: Node): void {
  if (node.type === 'ImportDeclaration') return readImport(reading, node)
  if (node.type === 'ExportDefaultDeclaration') return readDefault(reading, node.declaration)
  if (node.type === 'ExportNamedDeclaration') {
    for (const { local, exported } of node.specifiers)
      if (local.type === 'Identifier' && exported.type === 'Identifier') reading.exports.set(exported.name, local.name)
    if (!node.declaration) return
    for (const name of declaredNames(node.declaration)) reading.exports.set(name, name)
    return read(reading, node.declaration)
  }
  if (node.type === 'FunctionDeclaration' && isFn(node)) {
    reading.functions.set(node.id?.name ?? anonymous, node)
    reading.order.push(node)
  } else if (node.type === 'VariableDeclaration') {
    for (const one of node.declarations) readVariable(reading, one, node)
  } else if (node.type !== 'EmptyStatement') {
    reading.rest.push(node)
    reading.order.push(node)
  }
}

function declaredNames(node: Node): string[] {
  if (node.type === 'VariableDeclaration') return node.declarations.flatMap(({ id }) => namesOf(id))
  return 'id' in node && node.id && node.id.type === 'Identifier' ? [node.id.name] : []
}

function readImport({ imports }: Reading, node: Extract<Node, { type: 'ImportDeclaration' }>): void {
  const from = moduleName(String(node.source.value))
  for (const one of node.specifiers) {
    const name =
      one.type === 'ImportDefaultSpecifier'
        ? 'default'
        : one.type === 'ImportNamespaceSpecifier'
          ? '*'
          : importedName(one.imported)
    imports.set(one.local.name, { from, name })
  }
}

function importedName(node: Node): string {
  return node.type === 'Identifier' ? node.name : (stringOf(node) ?? 'default')
}

/** Returns the name of an imported module. A module of jslib gets a short name without its version. */
function moduleName(path: string): string {
  if (/k6-utils/.test(path)) return 'utils'
  if (/papaparse/i.test(path)) return 'papaparse'
  if (/formdata/i.test(path)) return 'formdata'
  if (/k6chaijs/i.test(path)) return 'chai'
  if (/\bhttpx\b/i.test(path)) return 'httpx'
  return /jslib\.k6\.io\/url\//.test(path) ? 'url' : path
}

function readDefault(reading: Reading, node: Node): void {
  if (isFn(node)) {
    const name = (node.type === 'FunctionDeclaration' && node.id?.name) || anonymous
    reading.functions.set(name, node)
    reading.order.push(node)
    reading.exports.set('default', name)
  } else if (node.type === 'Identifier') reading.exports.set('default', node.name)
  else reading.rest.push(node)
}

function readVariable(reading: Reading, one: Extract<Node, { type: 'VariableDeclarator' }>, node: Node): void {
  const { id, init } = one
  const required = init?.type === 'MemberExpression' ? init.object : init
  const from =
    required?.type === 'CallExpression' && dotted(required.callee) === 'require'
      ? stringOf(required.arguments[0])
      : null
  if (from !== null) return readRequire(reading, id, moduleName(from))
  if (id.type !== 'Identifier') {
    reading.rest.push(node)
    reading.order.push(node)
    return
  }
  if (isFn(init)) reading.functions.set(id.name, init)
  else
    reading.constants.set(id.name, {
      kind: node.type === 'VariableDeclaration' && node.kind === 'const' ? 'const' : 'let',
      init: init ?? null,
      at: one,
    })
  reading.order.push(one)
}

/** Reads imports such as `const http = require('k6/http').default` and `const { check } = require('k6')`. */
function readRequire({ imports }: Reading, target: Node, from: string): void {
  if (target.type === 'Identifier') imports.set(target.name, { from, name: '*' })
  if (target.type !== 'ObjectPattern') return
  for (const one of target.properties) {
    if (one.type === 'Property' && one.key.type === 'Identifier' && one.value.type === 'Identifier')
      imports.set(one.value.name, { from, name: one.key.name })
  }
}

function metricsOf({ constants }: Reading, module: Module): Module['metrics'] {
  const found = new Map<string, Module['metrics'] extends ReadonlyMap<string, infer T> ? T : never>()
  for (const [name, { init }] of constants) {
    if (init?.type !== 'NewExpression') continue
    const kind = apiOf(init.callee, { module, scope: new Map() })?.replace(/^k6\/metrics\./, '') ?? ''
    if (metricKinds.has(kind))
      found.set(name, { kind: kind as 'Trend', name: stringOf(init.arguments[0]) ?? name, isSuccess: false })
  }
  const known = new Set([...constants.values()].map(({ init }) => init))
  walkNodes(module.script.program, (node) => {
    const metric = known.has(node) ? null : newMetric(node, { module, scope: new Map() })
    // A metric inside a value, such as a list, has no name in the script, so it gets a key that cannot be a name.
    if (metric) found.set(`\u0000${metric.name}`, metric)
  })
  return found
}

const waits = new Set(['k6.sleep', 'k6.group', 'k6/http.batch'])

/** Returns true if a node makes the user wait. Examples: a request, a call of `sleep`, a call of an async method, or a new connection. */
export function isWaiting(node: Node, frame: Pick<Frame, 'module' | 'scope'>): boolean {
  if (opensSocket(node, frame)) return true
  if (node.type !== 'CallExpression') return false
  if (isMethodCall(node, frame.module.asyncMethods, frame)) return true
  return requestMethod(node, frame) !== null || waits.has(apiOf(node.callee, frame) ?? '')
}

/** Returns the functions and the methods that contain an `await`. */
function waitingOf(module: Module): { asyncs: Set<string>; asyncMethods: Set<string> } {
  const frame = { module, scope: new Map() }
  const methods = [...module.classes.values()].flatMap(methodsOf).filter(({ kind }) => kind === 'method')
  let asyncMethods = new Set<string>()
  for (;;) {
    const waits = (node: Node): boolean =>
      (isFn(node) && node.async) || isWaiting(node, frame) || isMethodCall(node, asyncMethods, frame)
    const asyncs = spread(module, waits)
    const isCalled = (node: Node): boolean =>
      node.type === 'CallExpression' && node.callee.type === 'Identifier' && asyncs.has(node.callee.name)
    const found = methods.filter(({ fn }) => fn.async || someNode(fn, (node) => waits(node) || isCalled(node)))
    const next = new Set(found.map(({ name }) => name))
    if (next.size === asyncMethods.size) return { asyncs, asyncMethods }
    asyncMethods = next
  }
}

/** Returns the functions that return a response. */
function respondersOf(module: Module): Set<string> {
  const frame = { module, scope: new Map() }
  const isSent = (node: Node | null | undefined): boolean => requestMethod(node, frame) !== null
  return new Set(
    [...module.functions].flatMap(([name, fn]) => {
      const sent = new Set<string>()
      const returned: Node[] = fn.body.type === 'BlockStatement' ? [] : [fn.body]
      walkNodes(fn.body, (node) => {
        if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && isSent(node.init))
          sent.add(node.id.name)
        if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier' && isSent(node.right))
          sent.add(node.left.name)
        if (node.type === 'ReturnStatement' && node.argument) returned.push(node.argument)
        return !isFn(node)
      })
      return returned.some((node) => isSent(node) || (node.type === 'Identifier' && sent.has(node.name))) ? [name] : []
    }),
  )
}
