import { type Expr, num } from '../../scenario/code.ts'
import type { UserClass } from '../../scenario/model.ts'
import { camelCase } from '../../scenario/names.ts'
import { Lost } from '../code/context.ts'
import { translateOr } from '../code/translator.ts'
import type { Module, PyClass, Value } from '../frame.ts'
import type { Py, PyFunction } from '../python/syntax.ts'
import { ClassBuilder, type Unit } from './builder.ts'
import { type Duty, type Making, dutiesOf, noteOf } from './duties.ts'
import {
  type Members,
  ancestors,
  interrupts,
  isFast,
  isMarkedAbstract,
  isMarkov,
  kindOf,
  membersOf,
  waitPy,
} from './kinds.ts'
import { addFields, addLife, addOthers, requestDefaults } from './members.ts'
import { docOf } from './params.ts'
import { addTasks } from './task-sets.ts'
import { oldWait, pauseOf, waitOf } from './waits.ts'

/** Translates a user class. If `special.only` contains a TaskSet, the class runs only this TaskSet. */
export function makeUser(
  module: Module,
  one: PyClass,
  base: ClassBuilder | null,
  special: Special,
): { builder: ClassBuilder; made: UserClass } {
  const builder = new ClassBuilder(module, special.name, base, special.host)
  builder.isPublic = special.isPublic
  const unit = unitOf(membersOf(one, special.mixed))
  builder.isFast = isFast(module, one)
  builder.defaults = requestDefaults(builder, one)
  if (builder.isFast)
    builder.inheritedHeaders = membersOf(one, ancestors(module, one)).attributes.get('default_headers')
  const making = { builder, module, one }
  const duties = special.only ? [special.only] : dutiesOf(making, unit)
  const sole = soleSet(module, duties)
  const inner = sole && { set: sole, unit: inlineUnit(module, sole, unit) }
  const units = inner ? [unit, inner.unit] : [unit]
  addMembers(making, units, () => {
    if (inner) addTasks(making, inner.unit, dutiesOf({ ...making, one: inner.set }, inner.unit), unit.pause)
    else addTasks(making, unit, duties, unit.pause)
  })
  const wait = waitFor(making, units.toReversed())
  const made = builder.finish({
    ...(base && { base: base.name }),
    ...((isMarkedAbstract(one) || special.abstract) && { abstract: true }),
    ...(one.doc !== null && { doc: docOf(one.doc) }),
    statics: staticsOf(making, unit, special.weight),
    ...(wait && { wait }),
  })
  return { builder, made }
}

/** Adds the fields, `onStart`, `onStop` and the methods of a class. The tasks come after `onStart` and `onStop`. */
function addMembers({ builder }: Making, units: readonly Unit[], addOwnTasks: () => void): void {
  const [unit] = units as [Unit]
  for (const each of units) builder.enter(each)
  for (const each of units) addFields(builder, each)
  const pauses = units.toReversed().map(({ members }) => waitPy(members))
  const frame = builder.frame({ params: [], body: [] }, unit, false)
  const pause = pauseOf(
    pauses.find((one) => one !== undefined),
    frame,
  )
  for (const each of units) each.pause = pause
  addLife(builder, units)
  addOwnTasks()
  addOthers(builder, units)
}

function unitOf(members: Members): Unit {
  return { members, prefix: '', leave: [{ k: 'return' }], pause: [], around: null, names: new Map() }
}

export interface Special {
  name: string
  host: string | null
  only: Extract<Duty, { kind: 'set' }> | null
  abstract: boolean
  isPublic: boolean
  /** The factor by which the weight of the class is multiplied; null for 1. */
  weight: Expr | null
  /**
   * The base classes that the TypeScript class does not extend, because it can extend only one class. The members of these base classes are copied
   * into the TypeScript class.
   */
  mixed: readonly PyClass[]
}

/**
 * Returns the tasks of a class if each task becomes a user class of its own. Such a class has at least two tasks. Each task is a TaskSet that users
 * never leave. None of the tasks is a MarkovTaskSet. Returns an empty list for all other classes.
 */
export function setsForLife(module: Module, one: PyClass): Extract<Duty, { kind: 'set' }>[] {
  const builder = new ClassBuilder(module, one.name, null, null)
  const unit = unitOf(membersOf(one))
  const duties = dutiesOf({ builder, module, one }, unit)
  const sets = duties.filter((duty) => duty.kind === 'set')
  const isForLife =
    sets.length > 1 &&
    sets.length === duties.length &&
    !sets.some(({ set }) => isMarkov(set)) &&
    sets.every(({ set }) => !interrupts([set.body, ancestors(module, set).map(({ body }) => body)]))
  return isForLife ? sets : []
}

/** Returns the TaskSet if it is the only task of a user and chooses its own tasks at random; null in all other cases. */
function soleSet(module: Module, duties: readonly Duty[]): PyClass | null {
  const [only] = duties
  return duties.length === 1 && only?.kind === 'set' && kindOf(module, only.set) !== 'sequence' && !isMarkov(only.set)
    ? only.set
    : null
}

function inlineUnit(module: Module, set: PyClass, around: Unit): Unit {
  return {
    members: membersOf(set, ancestors(module, set)),
    prefix: camelCase(set.name),
    leave: [{ k: 'return' }],
    pause: [],
    around,
    names: new Map(),
  }
}

function waitFor({ builder, module }: Making, units: readonly (Unit | null)[]): Expr | null {
  for (const unit of units) {
    if (!unit) continue
    const { attributes, methods } = unit.members
    const [py, fn] = [attributes.get('wait_time'), methods.get('wait_time')]
    const old = oldWait(attributes.get('min_wait'), attributes.get('max_wait'))
    if (old) return old
    if (fn) return functionWait(builder, unit, fn)
    if (!py) continue
    const named = py.t === 'name' ? module.functions.get(py.id) : undefined
    if (named) return functionWait(builder, unit, named)
    try {
      return waitOf(py, builder.frame({ params: [], body: [] }, unit, false))
    } catch (error) {
      if (!(error instanceof Lost)) throw error
      builder.notes.push(noteOf(module, py))
    }
  }
  return null
}

function functionWait(builder: ClassBuilder, unit: Unit, fn: PyFunction): Expr {
  const made = builder.add('wait', fn, unit)
  builder.methods.splice(builder.methods.indexOf(made), 1)
  const [only] = made.body
  return {
    k: 'arrow',
    params: [],
    body: made.body.length === 1 && only?.k === 'return' && only.of ? only.of : made.body,
  }
}

function staticsOf({ builder, one }: Making, unit: Unit, factor: Expr | null): UserClass['statics'] {
  const own = membersOf(one).attributes
  const frame = builder.frame({ params: [], body: [] }, unit, false)
  const weight = own.get('weight')
  const count = own.get('fixed_count')
  const value = (py: Py): Value => translateOr(py, frame)
  const product = weight ? value(weight).expr : num(1)
  const total = factor
    ? product.k === 'num' && factor.k === 'num'
      ? num(product.value * factor.value)
      : factor
    : product
  return [
    ...(total.k === 'num' && total.value === 1 ? [] : [{ name: 'weight', value: total }]),
    ...(count ? [{ name: 'count', value: value(count).expr }] : []),
  ]
}
