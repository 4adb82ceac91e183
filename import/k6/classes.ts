import { type Expr, type Stmt, awaited, expression as statement, member, method, num, self } from '../scenario/code.ts'
import type { Field, Method, UserClass } from '../scenario/model.ts'
import { Names, camelCase, pascalCase } from '../scenario/names.ts'
import { some } from '../scenario/walk.ts'
import { fnParts, resultType } from './code/functions.ts'
import { ownMember, takenNames } from './code/names.ts'
import { typeOf } from './code/statements/declarations.ts'
import { type Frame, type Module, isChange, note, translate } from './frame.ts'
import { type Part, partNamed, partsOf } from './http/objects.ts'
import { metricStmts } from './members.ts'
import { type Declared, anonymous } from './module.ts'
import { type Workload, weightsOf } from './options/load.ts'
import type { Network } from './options/network.ts'
import { tagText } from './options/thresholds.ts'
import { waitOf, withoutSleep } from './waits.ts'
import { type Fn, type Node, namesOf } from './syntax.ts'

/** A script function that users run, and the k6 scenario that names this function. */
export interface Exec {
  /** The name of the function in the script. */
  fnName: string
  fn: Fn
  title: string
  /** The name of the k6 scenario; undefined if several scenarios run the same function. */
  scenario: string | undefined
  weight: number
}

/** Returns the functions of the workloads. If there are no workloads, returns the default function. */
export function execsOf({ module, exports }: Declared, workloads: readonly Workload[], frame: Frame): Exec[] {
  const [first] = workloads
  const same = workloads.filter(({ kind }) => kind === first?.kind)
  for (const other of workloads)
    if (first && other.node && other.kind !== first.kind)
      note(
        other.node,
        frame,
        `the load of the scenario ${other.name} is left out, because one run cannot mix users and arrivals`,
      )
  const names = [...new Set(workloads.map(({ exec }) => exec))]
  if (names.length === 0) names.push('default')
  const byName = names.map((exec) => same.filter((one) => one.exec === exec))
  const weights = weightsOf(
    byName.map((list) => ({ profile: list.flatMap(({ profile }) => profile) }) as unknown as Workload),
  )
  return names.flatMap((exec, index) => {
    const fnName = exports.get(exec) ?? ''
    const fn = module.functions.get(fnName)
    const [only, more] = byName[index] ?? []
    const title = only && !more && only.name !== 'default' ? only.name : exec
    const [own, others] = workloads.filter((one) => one.exec === exec)
    const scenario = others ? undefined : (own?.name ?? 'default')
    return fn ? [{ fnName, fn, title, scenario, weight: weights[index] ?? 1 }] : []
  })
}

interface ClassPlace {
  frame: Frame
  options: readonly Part[]
  network: Network
}

/** Returns a class for each function. Members that several classes use are in a common base class. */
export function classesOf(
  declared: Declared,
  execs: readonly Exec[],
  { frame, options, network }: ClassPlace,
): UserClass[] {
  const isOne = execs.length === 1
  const names = new Names([...takenNames(), ...declared.module.constants.keys(), ...declared.module.functions.keys()])
  const base = isOne ? 'Visitor' : names.take('AnyVisitor')
  const calledExecs = execs.filter(({ fnName, fn }) => isCalled(fnName, fn, declared))
  const tasks = plannedTasks(execs, calledExecs, { frame, options, network })
  const helpers = methodsOf(declared, execs, { frame, called: calledExecs })
  const fields = fieldsOf(declared, frame)
  const used = [...declared.module.classUses].map((name) => member(self, name))
  const own = [tasks.map(({ task }) => task), used]
  const start = startMethod([...network.start, ...metricsStart(declared.module, frame)])
  const reached = reachable(helpers, [own, fields, start])
  const isCounted = usesMember([own, reached, fields], 'iteration')
  const shared = [
    ...(isCounted ? [{ name: 'iteration', value: num(-1) }] : []),
    ...reachable(fields, [own, reached, start]),
  ]
  if (isCounted) for (const one of tasks) one.task = { ...one.task, body: [countStmt, ...one.task.body] }
  const [only] = tasks
  if (isOne && only)
    return [
      {
        name: base,
        statics: network.statics,
        ...(only.wait && { wait: only.wait }),
        fields: shared,
        methods: [...start, only.task, ...reached],
      },
    ]
  const hasBase = [shared, reached, start, network.statics].some((members) => members.length > 0)
  const classes = tasks.map((one) => classOf(one, names, hasBase ? { base } : {}))
  if (!hasBase) return classes
  const methods = [...start, ...reached]
  return [{ name: base, abstract: true, statics: network.statics, fields: shared, methods }, ...classes]
}

function plannedTasks(
  execs: readonly Exec[],
  called: readonly Exec[],
  { frame, options, network }: ClassPlace,
): PlannedTask[] {
  const tags = new Set(
    [...thresholdKeys(options, frame)].flatMap((key) => /\{.*scenario:\s*([^,}]+)/.exec(key)?.[1]?.trim() ?? []),
  )
  return execs.map((exec) => ({
    exec,
    wait: waitOf(exec.fn, frame) ?? network.pace ?? undefined,
    task: taskOf(exec, { frame, isCalled: called.includes(exec), isTagged: tags.has(exec.title) }),
  }))
}

/** Returns `onStart` if options of the script affect every request of a user, or if statements at the top of the script create metrics. */
function startMethod(start: readonly Stmt[]): Method[] {
  return start.length === 0 ? [] : [{ name: 'onStart', params: [], async: true, body: start }]
}

/** Some statements at the top of the script create metrics, but are not declarations. Translates these statements. */
function metricsStart(module: Module, frame: Frame): Stmt[] {
  const user: Frame = { ...frame, mode: 'user', scope: new Map(), before: [], folded: new Map() }
  return metricStmts(module).flatMap((stmt) => module.translator.block([stmt], user, stmt))
}

interface PlannedTask {
  exec: Exec
  wait: Expr | undefined
  task: Method
}

function classOf({ exec, wait, task }: PlannedTask, names: Names, base: { base?: string }): UserClass {
  return {
    name: names.take(pascalCase(exec.title)),
    ...base,
    statics: exec.weight === 1 ? [] : [{ name: 'weight', value: num(exec.weight) }],
    ...(wait && { wait }),
    fields: [],
    methods: [task],
  }
}

const countStmt: Stmt = statement({ k: 'postfix', op: '++', of: member(self, 'iteration') })

function thresholdKeys(options: readonly Part[], frame: Frame): string[] {
  return (partsOf(partNamed(options, 'thresholds'), frame) ?? []).flatMap((part) => ('key' in part ? [part.key] : []))
}

function isCalled(name: string, fn: Fn, { module }: Declared): boolean {
  return module.mentions
    .within(name, module.script.program)
    .some(
      ([one, parent]) =>
        parent?.type === 'CallExpression' && parent.callee === one && !(one.start > fn.start && one.end < fn.end),
    )
}

interface TaskPlace {
  frame: Frame
  isCalled: boolean
  isTagged: boolean
}

function taskOf({ fnName, fn, title, scenario }: Exec, { frame, isCalled, isTagged }: TaskPlace): Method {
  const name = ownMember(camelCase(title === 'default' ? 'visit' : title, 'visit'))
  const user: Frame = { ...frame, mode: 'user', scope: dataScope(fn), before: [], folded: new Map(), scenario }
  const task = { weight: num(1), tags: isTagged ? [tagText(title)] : [] }
  const shown = name === fnName && isCalled ? `${name}Task` : name
  if (isCalled) {
    const args = fn.params.length > 0 ? [member(self, 'data')] : []
    return {
      name: shown,
      params: [],
      async: true,
      body: [statement(awaited(method(self, ownMember(fnName), ...args)))],
      task,
    }
  }
  const plain = withoutSleep(fn, frame)
  const nodes: Node[] =
    plain.body.type === 'BlockStatement'
      ? plain.body.body
      : [{ type: 'ExpressionStatement', expression: plain.body, start: plain.body.start, end: plain.body.end }]
  const body = frame.module.translator.block(nodes, user, plain.body)
  return { name: shown, params: [], async: true, body: [...destructured(fn), ...body], task }
}

/**
 * Returns the names that the first parameter of the function declares, each with the expression that replaces the name. This parameter is the result
 * of `setup`.
 */
function dataScope({ params: [first] }: Fn): Frame['scope'] {
  if (first?.type === 'Identifier') return new Map([[first.name, { expr: member(self, 'data'), kind: 'any' }]])
  return new Map(namesOf(first ?? null).map((name) => [name, { expr: { k: 'id', name }, kind: 'any' }]))
}

function destructured({ params: [first] }: Fn): Stmt[] {
  const names = first?.type === 'ObjectPattern' ? namesOf(first) : []
  if (names.length === 0) return []
  return [{ k: 'var', kind: 'const', name: { object: names.map((name) => [name, name]) }, value: member(self, 'data') }]
}

const hooks = ['setup', 'teardown', 'handleSummary']

function methodsOf(
  { module, exports }: Declared,
  execs: readonly Exec[],
  { frame, called }: { frame: Frame; called: readonly Exec[] },
): Method[] {
  const left = new Set([
    ...hooks.map((name) => exports.get(name) ?? name),
    ...execs.filter((exec) => !called.includes(exec)).map(({ fnName }) => fnName),
    anonymous,
  ])
  return [...module.functions].flatMap(([name, fn]) => {
    if (!module.members.has(name) || left.has(name)) return []
    const [only, more] = execs
    const scenario = more ? undefined : only?.scenario
    const user: Frame = { ...frame, mode: 'user', scope: new Map(), before: [], folded: new Map(), scenario }
    const { params, body, value } = fnParts(fn, user)
    const stmts: Stmt[] = value ? [...user.before, { k: 'return', of: value }] : body
    const isAsync = module.asyncs.has(name)
    const generator = fn.generator ? { generator: true } : {}
    return [{ name: ownMember(name), params, async: isAsync, ...generator, ...resultType(fn, isAsync), body: stmts }]
  })
}

/**
 * Returns the variables of the script that become fields of the class. Examples: variables whose values depend on `__ENV`, and variables that users
 * change.
 */
function fieldsOf({ module }: Declared, frame: Frame): Field[] {
  return [...module.constants].flatMap(([name, { init }]): Field[] => {
    if (!module.members.has(name) || name === 'options') return []
    const user: Frame = { ...frame, mode: 'user', scope: new Map(), before: [] }
    if (!init) return [{ name: ownMember(name), type: 'any' }]
    const value = translate(init, user)
    const isOpen = init.type === 'ObjectExpression' && isChanged(name, module)
    const type = typeOf(init, value, isOpen ? { expr: value, kind: 'any' } : undefined)
    const notes = user.before.flatMap((one) => (one.k === 'comment' ? [one.text] : []))
    return [{ name: ownMember(name), value, notes, ...(type !== undefined && { type }) }]
  })
}

function isChanged(name: string, { mentions, script }: Module): boolean {
  return mentions.within(name, script.program).some((mention) => isChange(mention))
}

function usesMember(code: unknown, name: string): boolean {
  return some(code, (node) => node.k === 'member' && node.of.k === 'this' && node.name === name)
}

/** Returns only the members that other code uses. */
function reachable<T extends { name: string }>(members: readonly T[], code: unknown): T[] {
  let kept: T[] = []
  for (;;) {
    const next = members.filter(({ name }) => usesMember([code, kept.filter((one) => one.name !== name)], name))
    if (next.length === kept.length) return next
    kept = next
  }
}
