import { type Expr, num } from '../../scenario/code.ts'
import { Lost, todoFor } from '../code/context.ts'
import { translate } from '../code/translator.ts'
import type { Module, PyClass } from '../frame.ts'
import { dottedName } from '../python/names.ts'
import type { Py, PyFunction } from '../python/syntax.ts'
import { ClassBuilder, type Unit } from './builder.ts'
import { type Mark, listedTasks, markOf, tagsOf, transitionsOf } from './kinds.ts'

export interface Making {
  builder: ClassBuilder
  module: Module
  one: PyClass
}

/** A task of a user: a method, or a whole TaskSet. */
export type Duty =
  | { kind: 'method'; name: string; fn: PyFunction; mark: Mark }
  | { kind: 'set'; set: PyClass; weight: Expr; tags: string[] }

export function dutiesOf({ builder, module, one }: Making, unit: Unit): Duty[] {
  const found: Duty[] = []
  for (const [name, fn] of unit.members.methods) {
    const mark = markOf(fn.decorators) ?? (transitionsOf(fn.decorators) && { weight: null, tags: [] })
    if (mark) found.push({ kind: 'method', name, fn, mark })
  }
  for (const set of unit.members.nested) {
    const mark = markOf(set.decorators)
    if (mark) found.push({ kind: 'set', set, weight: weightOf(builder, unit, mark.weight), tags: mark.tags })
  }
  for (const { of, weight } of listedTasks(
    unit.members.attributes.get('tasks') ?? single(unit.members.attributes.get('task_set')),
  )) {
    const value = typeof weight === 'number' ? num(weight) : weightOf(builder, unit, weight)
    const duty = listedDuty({ builder, module, one }, unit, of, value)
    if (duty) found.push(duty)
  }
  return inOrder(found)
}

/** Sorts the tasks by their position in the file. */
function inOrder(duties: readonly Duty[]): Duty[] {
  const place = (duty: Duty): number => (duty.kind === 'set' ? duty.set.from : (duty.fn.body[0]?.from ?? 0))
  return duties.toSorted((a, b) => place(a) - place(b))
}

function single(py: Py | undefined): Py | undefined {
  return py && { at: py.at, from: py.from, to: py.to, t: 'list', items: [py] }
}

function listedDuty({ builder, module }: Making, unit: Unit, of: Py, weight: Expr): Duty | null {
  const name = dottedName(of) ?? ''
  const set = unit.members.nested.find((nested) => nested.name === name) ?? module.classes.get(name)
  if (set) return { kind: 'set', set, weight, tags: tagsOf(set.decorators) }
  const own = unit.members.methods.get(name)
  const fn = own ?? module.functions.get(name)
  if (!fn) {
    builder.notes.push(noteOf(module, of))
    return null
  }
  if (!own) unit.members.methods.set(name, { ...fn, at: of.at, from: of.from, to: of.to })
  return {
    kind: 'method',
    name,
    fn,
    mark: {
      weight: weight.k === 'num' ? { at: of.at, from: of.from, to: of.to, t: 'num', value: weight.value } : null,
      tags: tagsOf(fn.decorators),
    },
  }
}

export function noteOf(module: Module, of: Py): string {
  const made = todoFor({ module }, of)
  return made.k === 'comment' ? made.text : ''
}

export function weightOf(builder: ClassBuilder, unit: Unit, weight: Py | null): Expr {
  if (!weight) return num(1)
  try {
    return translate(weight, builder.frame({ params: [], body: [] }, unit, false)).expr
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    return num(1)
  }
}
