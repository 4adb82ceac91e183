import {
  type Entry,
  type Expr,
  type Stmt,
  array,
  assign,
  at,
  awaited,
  bool,
  call,
  expression,
  id,
  literal,
  member,
  method,
  num,
  object,
  self,
  snippet,
} from '../../scenario/code.ts'
import { memberName } from '../../scenario/names.ts'
import type { PyClass } from '../frame.ts'
import type { PyFunction } from '../python/syntax.ts'
import { ClassBuilder, type Unit, setField } from './builder.ts'
import { type Duty, type Making, dutiesOf, weightOf } from './duties.ts'
import { ancestors, interrupts, isMarkov, kindOf, membersOf, transitionsOf, waitPy } from './kinds.ts'
import { addFields, addHelper } from './members.ts'
import { docOf } from './params.ts'
import { pauseOf } from './waits.ts'

export function addTasks(making: Making, unit: Unit, duties: readonly Duty[], pause: readonly Stmt[]): void {
  for (const duty of duties) {
    if (duty.kind === 'method') addTask(making, unit, duty)
    else {
      const isWhole = duties.length === 1 && isMarkov(duty.set) && !interrupts(duty.set.body)
      const name = isWhole ? addChain(making, unit, duty.set) : addSet(making, unit, duty.set, pause)
      const added = making.builder.methods.find((method) => method.name === name)
      if (added) added.task = { weight: duty.weight, tags: duty.tags }
    }
  }
}

function addTask({ builder }: Making, unit: Unit, { name, fn, mark }: Extract<Duty, { kind: 'method' }>): void {
  const own = unit.names.get(name) ?? memberName(name)
  builder.add(own, fn, unit, {
    isTask: true,
    ...withoutParams(fn),
    task: { weight: weightOf(builder, unit, mark.weight), tags: mark.tags },
  })
}

/**
 * Removes the parameters of a task. If all parameters have defaults, keeps the parameters, because other code may call such a task with arguments.
 */
function withoutParams({ params }: PyFunction): { params?: [] } {
  const own = params.slice(1)
  return own.length > 0 && own.every(({ kind, value }) => kind === 'plain' && value !== null) ? {} : { params: [] }
}

/** Translates a TaskSet to a method. A SequentialTaskSet runs its tasks one after another. Any other TaskSet draws tasks until the user leaves it. */
function addSet(making: Making, around: Unit, set: PyClass, pause: readonly Stmt[]): string {
  const { builder, module } = making
  const name = builder.take(set.name)
  const members = membersOf(set, ancestors(module, set))
  const own = waitPy(members)
  const isSequence = kindOf(module, set) === 'sequence'
  const flag = `in${name[0]?.toUpperCase()}${name.slice(1)}`
  const unit: Unit = { members, prefix: name, leave: [], pause, around, names: new Map() }
  const duties = dutiesOf({ ...making, one: set }, unit)
  const leaves = isSequence && !leavesEarly(duties)
  const needsFlag = !leaves
  unit.leave = needsFlag ? [setField(flag, bool(false)), { k: 'return' }] : [{ k: 'return' }]
  unit.pause = own ? pauseOf(own, builder.frame({ params: [], body: [] }, unit, false)) : pause
  builder.enter(unit)
  addFields(builder, unit)
  if (needsFlag) builder.field(flag, { expr: bool(false), type: { kind: 'bool' } })
  const place = builder.methods.length
  addEnds(builder, unit, name)
  const steps = duties
    .filter((duty, index) => !(isSequence && index === duties.length - 1 && onlyLeaves(duty)))
    .map((duty) => stepOf({ ...making, one: set }, unit, duty, isSequence))
  const chain = isMarkov(set) ? chainOf(duties, unit) : null
  const body = setBody(unit, steps, { isSequence, flag: needsFlag ? flag : null, chain })
  const doc =
    set.doc !== null
      ? docOf(set.doc)
      : isSequence
        ? []
        : [`Repeats tasks until the user leaves the TaskSet ${set.name}.`]
  builder.methods.splice(place, 0, { name, params: [], async: true, body, ...(doc.length > 0 && { doc }) })
  for (const [python, fn] of members.methods) addHelper(builder, unit, python, fn)
  return name
}

interface Step {
  name: string
  weight: Expr
  leaves: boolean
}

/** Returns true if a step has only one statement, and this statement leaves the TaskSet. */
function onlyLeaves(duty: Duty): boolean {
  const [only, ...others] = duty.kind === 'method' ? duty.fn.body.filter(({ t }) => t !== 'comment') : []
  return others.length === 0 && only?.t === 'expr' && interrupts(only)
}

function leavesEarly(duties: readonly Duty[]): boolean {
  return duties.slice(0, -1).some((duty) => duty.kind === 'method' && interrupts(duty.fn.body))
}

function stepOf(making: Making, unit: Unit, duty: Duty, isSequence: boolean): Step {
  const { builder } = making
  if (duty.kind === 'set')
    return { name: addSet(making, unit, duty.set, unit.pause), weight: duty.weight, leaves: false }
  const name = unit.names.get(duty.name) ?? memberName(duty.name)
  builder.add(name, duty.fn, unit, {
    isTask: true,
    ...withoutParams(duty.fn),
    ...(isSequence && !builder.isPublic && { private: true }),
  })
  return { name, weight: weightOf(builder, unit, duty.mark.weight), leaves: interrupts(duty.fn.body) }
}

const callOf = (name: string): Stmt => expression(awaited(method(self, name)))

function setBody(
  unit: Unit,
  steps: readonly Step[],
  { isSequence, flag, chain }: { isSequence: boolean; flag: string | null; chain: Chain | null },
): Stmt[] {
  const [start, stop] = ['on_start', 'on_stop']
    .map((name) => unit.names.get(name))
    .map((name) => (name === undefined ? [] : [callOf(name)]))
  const inFlag: Stmt[] = flag === null ? [] : [setField(flag, bool(true))]
  const rest = chain
    ? chained(chain, unit.pause, flag)
    : isSequence
      ? inSequence(steps, unit.pause, flag)
      : drawn(steps, unit.pause, flag)
  return [...inFlag, ...(start ?? []), ...rest, ...(stop ?? [])]
}

function inSequence(steps: readonly Step[], pause: readonly Stmt[], flag: string | null): Stmt[] {
  const repeated = steps.flatMap((step) =>
    Array.from({ length: step.weight.k === 'num' ? Math.max(1, Math.min(20, step.weight.value)) : 1 }, () => step),
  )
  return repeated.flatMap((step, index): Stmt[] => {
    const isLast = index === repeated.length - 1
    const left: Stmt[] =
      flag !== null && step.leaves && !isLast
        ? [{ k: 'if', test: { k: 'unary', op: '!', of: member(self, flag) }, yes: [{ k: 'return' }], no: [] }]
        : []
    return [callOf(step.name), ...left, ...(isLast ? [] : pause)]
  })
}

function drawn(steps: readonly Step[], pause: readonly Stmt[], flag: string | null): Stmt[] {
  const isEven = steps.every(({ weight }) => weight.k === 'num' && weight.value === 1)
  const random = member(self, 'random')
  const names = array(steps.map(({ name }) => literal(name)))
  const pick = isEven
    ? method(random, 'pick', { k: 'as', of: names, type: 'const' })
    : call(snippet('drawWeighted'), random, object(steps.map(({ name, weight }) => ({ key: name, value: weight }))))
  const one: Stmt[] =
    steps.length === 1 && steps[0] ? [callOf(steps[0].name)] : [expression(awaited(call(at(self, pick))))]
  return [{ k: 'while', test: member(self, flag ?? ''), body: [...one, ...pause] }]
}

/** Translates a MarkovTaskSet that its users never leave. The task runs one step, and a field contains the name of the method for the next step. */
function addChain(making: Making, around: Unit, set: PyClass): string {
  const { builder, module } = making
  const name = builder.take(set.name)
  const members = membersOf(set, ancestors(module, set))
  const unit: Unit = { members, prefix: name, leave: [{ k: 'return' }], pause: [], around, names: new Map() }
  const duties = dutiesOf({ ...making, one: set }, unit)
  builder.enter(unit)
  addFields(builder, unit)
  const field = builder.field('current', null)
  const place = builder.methods.length
  for (const duty of duties) stepOf({ ...making, one: set }, unit, duty, true)
  const { first, next } = chainOf(duties, unit)
  Object.assign(field, { initial: { k: 'str', value: first }, type: { kind: 'str' } })
  const step = member(self, field.name)
  const run = call(at({ k: 'as', of: self, type: 'any' }, step))
  const body: Stmt[] = [
    { k: 'var', kind: 'const', name: 'next', type: chainType, value: next },
    expression(awaited(run)),
    setField(field.name, drawnFrom(step)),
  ]
  const doc = set.doc === null ? [`One step of the MarkovTaskSet ${set.name}.`] : docOf(set.doc)
  builder.methods.splice(place, 0, { name, params: [], async: true, body, doc })
  for (const [python, fn] of members.methods) addHelper(builder, unit, python, fn)
  return name
}

const chainType = 'Record<string, Record<string, number>>'

function drawnFrom(step: Expr): Expr {
  return call(snippet('drawWeighted'), member(self, 'random'), { k: 'present', of: at(id('next'), step) })
}

/** The tasks of a MarkovTaskSet: the first task and, for each task, the weights of the tasks that can follow it. */
interface Chain {
  first: string
  next: Expr
}

function chainOf(duties: readonly Duty[], unit: Unit): Chain {
  const nameOf = (name: string): string => unit.names.get(name) ?? memberName(name)
  const methods = duties.filter((duty) => duty.kind === 'method')
  const entries = methods.map(({ name, fn }): Entry => {
    const weights = [...(transitionsOf(fn.decorators) ?? [])]
    const own = weights.map(([to, weight]): Entry => ({ key: nameOf(to), value: num(weight) }))
    return { key: nameOf(name), value: object(own) }
  })
  return { first: nameOf(methods[0]?.name ?? ''), next: object(entries, true) }
}

/**
 * Returns the statements that run a MarkovTaskSet. The set begins with its first task. After each task, the code draws the next task. The decorators
 * of the finished task contain the weights for this draw.
 */
function chained({ first, next }: Chain, pause: readonly Stmt[], flag: string | null): Stmt[] {
  const step = id('step')
  const run = call(at({ k: 'as', of: self, type: 'any' }, step))
  return [
    { k: 'var', kind: 'const', name: 'next', type: chainType, value: next },
    { k: 'var', kind: 'let', name: 'step', value: { k: 'str', value: first } },
    {
      k: 'while',
      test: member(self, flag ?? ''),
      body: [expression(awaited(run)), expression(assign(step, drawnFrom(step))), ...pause],
    },
  ]
}

/** Translates `on_start` and `on_stop` of a TaskSet. */
function addEnds(builder: ClassBuilder, unit: Unit, name: string): void {
  for (const [python, word] of Object.entries({ on_start: 'start', on_stop: 'stop' })) {
    const fn = unit.members.methods.get(python)
    if (!fn) continue
    const own = builder.take(`${word} ${name}`)
    unit.names.set(python, own)
    builder.add(own, fn, unit, { isTask: true, params: [], private: !builder.isPublic })
  }
}
