import {
  type Expr,
  type Stmt,
  awaited,
  burst,
  call,
  expression as statement,
  member,
  method,
  num,
  self,
} from '../scenario/code.ts'
import type { Field, Method, UserClass } from '../scenario/model.ts'
import { Names, camelCase, pascalCase } from '../scenario/names.ts'
import { some } from '../scenario/walk.ts'
import { fnParts } from './code/functions.ts'
import { ownMember, takenNames } from './code/names.ts'
import { type Frame, apiOf, constantOf, note, translate } from './frame.ts'
import { type Part, partNamed, partsOf } from './http/objects.ts'
import { type Declared, anonymous } from './module.ts'
import { type Workload, weightsOf } from './options/load.ts'
import { tagText } from './options/thresholds.ts'
import { type Fn, type Node, dotted, namesOf, numberOf } from './syntax.ts'

/** A function that users run, and the name of its scenario. */
interface Exec {
  /** In the script. */
  fnName: string
  fn: Fn
  title: string
  weight: number
}

/** The functions of the workloads; the default function if there are no workloads. */
export function execsOf({ module, exports }: Declared, workloads: readonly Workload[], frame: Frame): Exec[] {
  const [first] = workloads
  const same = workloads.filter(({ kind }) => kind === first?.kind)
  if (same.length < workloads.length && first)
    note(
      { type: 'EmptyStatement', start: 0, end: 0 },
      frame,
      `only the ${first.kind} are planned; users and arrivals cannot be mixed`,
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
    return fn ? [{ fnName, fn, title, weight: weights[index] ?? 1 }] : []
  })
}

interface ClassPlace {
  frame: Frame
  options: readonly Part[]
}

/** A class for each function. Members that several classes use are in a class that they extend. */
// oxlint-disable-next-line complexity, max-params -- it needs the script, its functions, and the options
export function classesOf(declared: Declared, execs: readonly Exec[], { frame, options }: ClassPlace): UserClass[] {
  const isOne = execs.length === 1
  const names = new Names([...takenNames(), ...declared.module.constants.keys(), ...declared.module.functions.keys()])
  const base = isOne ? 'Visitor' : names.take('AnyVisitor')
  const tags = new Set(
    [...thresholdKeys(options, frame)].flatMap((key) => /\{.*scenario:\s*([^,}]+)/.exec(key)?.[1]?.trim() ?? []),
  )
  const calledExecs = execs.filter(({ fnName, fn }) => isCalled(fnName, fn, declared))
  const tasks = execs.map((exec): PlannedTask => ({
    exec,
    wait: waitOf(exec.fn, frame),
    task: taskOf(exec, { frame, isCalled: calledExecs.includes(exec), isTagged: tags.has(exec.title) }),
  }))
  const helpers = methodsOf(declared, execs, { frame, called: calledExecs })
  const fields = fieldsOf(declared, frame)
  const own = tasks.map(({ task }) => task)
  const reached = reachable(helpers, [own, fields])
  const isCounted = usesMember([own, reached, fields], 'iteration')
  const shared = [...(isCounted ? [{ name: 'iteration', value: num(-1) }] : []), ...reachable(fields, [own, reached])]
  if (isCounted) for (const one of tasks) one.task = { ...one.task, body: [countStmt, ...one.task.body] }
  const [only] = tasks
  if (isOne && only)
    return [
      {
        name: base,
        statics: [],
        ...(only.wait && { wait: only.wait }),
        fields: shared,
        methods: [only.task, ...reached],
      },
    ]
  const hasBase = shared.length > 0 || reached.length > 0
  const classes = tasks.map((one) => classOf(one, names, hasBase ? { base } : {}))
  return hasBase ? [{ name: base, abstract: true, statics: [], fields: shared, methods: reached }, ...classes] : classes
}

interface PlannedTask {
  exec: Exec
  wait: Expr | undefined
  task: Method
}

// oxlint-disable-next-line max-params -- it needs a task, the used names, and the base class
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

// oxlint-disable-next-line max-params -- it needs a function and the places that may call it
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

function taskOf({ fnName, fn, title }: Exec, { frame, isCalled, isTagged }: TaskPlace): Method {
  const name = ownMember(camelCase(title === 'default' ? 'visit' : title, 'visit'))
  const user: Frame = { ...frame, mode: 'user', scope: dataScope(fn), before: [], folded: new Map() }
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

/** The parameter of the function is the result of `setup`. */
function dataScope({ params: [first] }: Fn): Frame['scope'] {
  if (first?.type === 'Identifier') return new Map([[first.name, { expr: member(self, 'data'), kind: 'any' }]])
  return new Map(namesOf(first ?? null).map((name) => [name, { expr: { k: 'id', name }, kind: 'any' }]))
}

function destructured({ params: [first] }: Fn): Stmt[] {
  const names = first?.type === 'ObjectPattern' ? namesOf(first) : []
  if (names.length === 0) return []
  return [{ k: 'var', kind: 'const', name: { object: names.map((name) => [name, name]) }, value: member(self, 'data') }]
}

/** The argument of `sleep` at the end of the function; null if there is no such call that can become the pause between tasks. */
function lastSleep(fn: Fn, frame: Frame): { node: Node; wait: Expr } | null {
  const last = fn.body.type === 'BlockStatement' ? fn.body.body.at(-1) : undefined
  if (last?.type !== 'ExpressionStatement' || last.expression.type !== 'CallExpression') return null
  if (apiOf(last.expression.callee, frame) !== 'k6.sleep') return null
  const [duration] = last.expression.arguments
  const wait = duration ? waitExpr(duration, frame) : null
  return wait && { node: last, wait }
}

function waitOf(fn: Fn, frame: Frame): Expr | undefined {
  return lastSleep(fn, frame)?.wait
}

function withoutSleep(fn: Fn, frame: Frame): Fn {
  const found = lastSleep(fn, frame)
  if (!found || fn.body.type !== 'BlockStatement') return fn
  return { ...fn, body: { ...fn.body, body: fn.body.body.slice(0, -1) } }
}

/** `1`, `Math.random() * 3`, `Math.random() * 3 + 1` and `randomIntBetween(1, 3)` */
// oxlint-disable-next-line complexity -- one condition for each form of the syntax
function waitExpr(node: Node, frame: Frame): Expr | null {
  const fixed = numberOf(node) ?? numberOf(constantOf(node, frame))
  if (fixed !== null) return fixed < 0 ? null : call(burst('constant'), num(fixed))
  const span = randomSpan(node)
  if (span !== null) return between(0, span)
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    const [low, high] = [numberOf(node.left) ?? numberOf(node.right), randomSpan(node.left) ?? randomSpan(node.right)]
    return low === null || high === null ? null : between(low, low + high)
  }
  if (node.type !== 'CallExpression' || apiOf(node.callee, frame) !== 'utils.randomIntBetween') return null
  const [low = null, high = null] = node.arguments.map((one) => numberOf(one))
  return low === null || high === null ? null : between(low, high)
}

function between(low: number, high: number): Expr | null {
  return low < 0 || high < low ? null : call(burst('between'), num(low), num(high))
}

/** 3 for `Math.random() * 3`, 1 for `Math.random()` */
function randomSpan(node: Node): number | null {
  const isRandom = (one: Node): boolean => one.type === 'CallExpression' && dotted(one.callee) === 'Math.random'
  if (isRandom(node)) return 1
  if (node.type !== 'BinaryExpression' || node.operator !== '*') return null
  if (isRandom(node.left)) return numberOf(node.right)
  return isRandom(node.right) ? numberOf(node.left) : null
}

const hooks = ['setup', 'teardown', 'handleSummary']

// oxlint-disable-next-line max-params -- it needs the script, its tasks, and the frame
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
    const user: Frame = { ...frame, mode: 'user', scope: new Map(), before: [], folded: new Map() }
    const { params, body, value } = fnParts(fn, user)
    const stmts: Stmt[] = value ? [...user.before, { k: 'return', of: value }] : body
    return [{ name: ownMember(name), params, async: module.asyncs.has(name), body: stmts }]
  })
}

/** Constants of the script that depend on a variable of the command line. */
function fieldsOf({ module }: Declared, frame: Frame): Field[] {
  return [...module.constants].flatMap(([name, { init }]) => {
    if (!module.members.has(name) || !init || name === 'options') return []
    const user: Frame = { ...frame, mode: 'user', scope: new Map(), before: [] }
    const value = translate(init, user)
    return [
      { name: ownMember(name), value, notes: user.before.flatMap((one) => (one.k === 'comment' ? [one.text] : [])) },
    ]
  })
}

function usesMember(code: unknown, name: string): boolean {
  return some(code, (node) => node.k === 'member' && node.of.k === 'this' && node.name === name)
}

/** The members that other code uses. */
function reachable<T extends { name: string }>(members: readonly T[], code: unknown): T[] {
  let kept: T[] = []
  for (;;) {
    const next = members.filter(({ name }) => usesMember([code, kept.filter((one) => one.name !== name)], name))
    if (next.length === kept.length) return next
    kept = next
  }
}
