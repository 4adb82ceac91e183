import type { Method } from '../../scenario/model.ts'
import { Lost } from '../code/context.ts'
import { somePy } from '../code/declarations.ts'
import { translateOr } from '../code/translator.ts'
import type { Module } from '../frame.ts'
import { dottedName } from '../python/names.ts'
import type { Py, PyFunction } from '../python/syntax.ts'
import { ClassBuilder, type Unit } from './builder.ts'
import { noteOf } from './duties.ts'
import { docOf } from './params.ts'

/** Attributes that Locust reads. Other code makes their counterparts in burst. */
const read = new Set(
  'wait_time min_wait max_wait host weight fixed_count abstract tasks task_set network_timeout connection_timeout max_redirects max_retries insecure stop_timeout concurrency wait_function'.split(
    ' ',
  ),
)

// oxlint-disable-next-line complexity -- one condition for each form of the syntax
export function addFields(builder: ClassBuilder, unit: Unit): void {
  const frame = builder.frame({ params: [], body: [] }, unit, false)
  for (const [name, value] of unit.members.attributes) {
    if (read.has(name) || !isNamed(builder.module, name)) continue
    const initial = translateOr(value, frame)
    if (frame.before.length > 0)
      builder.notes.push(...frame.before.splice(0).flatMap((note) => (note.k === 'comment' ? [note.text] : [])))
    builder.field(name, initial, isClassWide(builder.module, name))
  }
  for (const fn of unit.members.methods.values())
    for (const name of assignedIn(fn)) if (!builder.lookup(name)?.isMethod) builder.field(name, null)
}

/** The names of `self.x = …` in a method. */
function assignedIn(fn: PyFunction): string[] {
  const own = fn.params[0]?.name
  const names: string[] = []
  // oxlint-disable-next-line complexity -- one condition for each form of the syntax
  const look = (piece: unknown): void => {
    if (typeof piece !== 'object' || piece === null) return
    const stmt = piece as { t?: string; targets?: Py[]; target?: Py; items?: unknown }
    const targets = stmt.t === 'assign' ? (stmt.targets ?? []) : stmt.t === 'update' && stmt.target ? [stmt.target] : []
    for (const target of targets.flatMap((one) => (one.t === 'tuple' ? one.items : [one]))) {
      const of = target.t === 'attr' ? dottedName(target.of) : null
      if (target.t === 'attr' && of !== null && [own, `${own}.user`, `${own}.parent`].includes(of))
        names.push(target.name)
    }
    for (const value of Object.values(piece)) if (typeof value === 'object') look(value)
  }
  look(fn.body)
  return names.filter((name) => !['client', 'host', 'environment', 'wait_time'].includes(name))
}

/** Whether code assigns the attribute through the class, so that all users of the class share it. */
function isClassWide(module: Module, name: string): boolean {
  const text = module.source.text
  return [...module.classes.keys()].some((owner) =>
    new RegExp(String.raw`\b${owner}\.${name}\s*(?:[-+*/]?=)(?!=)`).test(text),
  )
}

/** Joins the `on_start`, `on_stop` and `__init__` methods of all units into `onStart` and `onStop`. */
// oxlint-disable-next-line complexity -- one condition for each form of the syntax
export function addLife(builder: ClassBuilder, units: readonly Unit[]): void {
  for (const [python, own] of [
    ['on_start', 'onStart'],
    ['on_stop', 'onStop'],
  ] as const) {
    const found = units.flatMap((unit) => [
      ...(python === 'on_start' ? methodOf(unit, '__init__') : []),
      ...methodOf(unit, python),
    ])
    if (found.length === 0) continue
    const made = found.map(({ fn, unit }) => builder.add(own, fn, unit, { params: [] }))
    const [first, ...others] = made
    if (!first) continue
    first.body = made.flatMap(({ body }) => body)
    for (const other of others) builder.methods.splice(builder.methods.indexOf(other), 1)
    if (first.body.length === 0) builder.methods.splice(builder.methods.indexOf(first), 1)
    const [{ fn } = { fn: null }] = found
    if (fn?.doc) first.doc = docOf(fn.doc)
  }
}

function methodOf(unit: Unit, name: string): { fn: PyFunction; unit: Unit }[] {
  const fn = unit.members.methods.get(name)
  return fn ? [{ fn, unit }] : []
}

/** Methods that are not tasks. */
export function addOthers(builder: ClassBuilder, units: readonly Unit[]): void {
  for (const unit of units) for (const [name, fn] of unit.members.methods) addHelper(builder, unit, name, fn)
}

const ofLife = new Set(['on_start', 'on_stop', '__init__', 'wait_time', 'setup', 'teardown', 'context'])

// oxlint-disable-next-line max-params -- it needs the class that is being built, its unit, and a function by its name
export function addHelper(builder: ClassBuilder, unit: Unit, name: string, fn: PyFunction): void {
  const own = unit.names.get(name)
  if (
    ofLife.has(name) ||
    own === undefined ||
    !isNamed(builder.module, name) ||
    builder.methods.some((method) => method.name === own)
  )
    return
  const more: Partial<Method> = builder.isPublic ? {} : { private: true }
  try {
    builder.add(own, fn, unit, more)
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    builder.notes.push(noteOf(builder.module, { ...error.py, t: 'none' }))
  }
}

/** Whether code of the file uses a member with this name. */
function isNamed(module: Module, name: string): boolean {
  return somePy(
    [...module.classes.values(), ...module.functions.values()].map(({ body }) => body),
    (py) => py.t === 'attr' && py.name === name,
  )
}
