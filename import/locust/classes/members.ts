import { type Entry, type Stmt, awaited, call, expression, member, num, self } from '../../scenario/code.ts'
import { type Method, todo } from '../../scenario/model.ts'
import { headersSet } from '../statements/assignments.ts'
import { Lost } from '../code/context.ts'
import { isContextManager } from '../code/yields.ts'
import { translateOr } from '../code/translator.ts'
import { dottedName } from '../python/names.ts'
import type { Py, PyFunction } from '../python/syntax.ts'
import type { PyClass } from '../frame.ts'
import { ClassBuilder, type Unit } from './builder.ts'
import { noteOf } from './duties.ts'
import { ancestors, membersOf } from './kinds.ts'
import { docOf } from './params.ts'

/** Attributes that Locust itself reads. Other code translates them. */
const read = new Set(
  'wait_time min_wait max_wait host weight fixed_count abstract tasks task_set network_timeout connection_timeout max_redirects max_retries insecure stop_timeout concurrency wait_function'.split(
    ' ',
  ),
)

export function addFields(builder: ClassBuilder, unit: Unit): void {
  const frame = builder.frame({ params: [], body: [] }, unit, false)
  for (const [name, value] of unit.members.attributes) {
    noteSetting(builder, name, value)
    if (read.has(name) || !builder.module.uses.members.has(name)) continue
    const initial = translateOr(value, frame)
    if (frame.before.length > 0)
      builder.notes.push(...frame.before.splice(0).flatMap((note) => (note.k === 'comment' ? [note.text] : [])))
    builder.field(name, initial, builder.module.uses.classWide.has(name))
  }
  for (const fn of unit.members.methods.values())
    for (const name of assignedIn(fn)) if (!builder.lookup(name)?.isMethod) builder.field(name, null)
}

/** Settings of Locust's client that burst cannot set for a whole class, each with the reason. */
const ofRequests: Readonly<Record<string, string>> = {
  connection_timeout: 'the timeout of a request in burst includes the time to connect',
  max_retries: 'a failed request is counted and not repeated',
  concurrency: 'each concurrent request of a user has a separate connection',
}

const settings: Readonly<Record<string, string>> = { network_timeout: 'timeout', max_redirects: 'redirects' }

/**
 * Converts the client settings of a FastHttpUser to request options. Each request in the class gets these options. Requests in functions of the file
 * do not get the options, so the class gets a TODO if such functions may send requests. The class also gets a TODO if the value of a setting is not a
 * constant number.
 */
export function requestDefaults(builder: ClassBuilder, one: PyClass): Entry[] {
  const { module } = builder
  const { attributes } = membersOf(one, ancestors(module, one))
  const own = membersOf(one).attributes
  const hasFunctions = [...module.functions.keys()].some((name) => module.asynchronous.has(name))
  return Object.entries(settings).flatMap(([name, key]): Entry[] => {
    const value = attributes.get(name)
    if (!value) return []
    const known = value.t === 'name' ? module.values.get(value.id) : undefined
    const amount = value.t === 'num' ? value.value : known?.k === 'num' ? known.value : null
    if (own.has(name) && (amount === null || hasFunctions)) addNote(builder, value, `write ${key} at the requests`)
    return amount === null ? [] : [{ key, value: num(amount) }]
  })
}

function addNote({ module, notes }: ClassBuilder, value: Py, why: string): void {
  const line = module.source.text.split('\n')[value.at - 1] ?? ''
  const note = todo(`${module.source.file}:${value.at}`, line, why)
  if (!notes.includes(note)) notes.push(note)
}

function noteSetting(builder: ClassBuilder, name: string, value: Py): void {
  const { module } = builder
  if (name === 'insecure' && value.t === 'bool' && value.value) module.settings.insecure = true
  const why = Object.hasOwn(ofRequests, name) ? ofRequests[name] : undefined
  if (why !== undefined) addNote(builder, value, why)
}

/** Returns the names that a method assigns as `self.x = …`, `self.user.x = …` or `self.parent.x = …`. */
function assignedIn(fn: PyFunction): string[] {
  const own = fn.params[0]?.name
  const names: string[] = []
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

/** Joins the `on_start`, `on_stop` and `__init__` methods of all units into `onStart` and `onStop`. */
export function addLife(builder: ClassBuilder, units: readonly Unit[]): void {
  for (const [python, own] of [
    ['on_start', 'onStart'],
    ['on_stop', 'onStop'],
  ] as const) {
    const found = units.flatMap((unit) => [
      ...(python === 'on_start' ? methodOf(unit, '__init__') : []),
      ...methodOf(unit, python),
    ])
    const headers = python === 'on_start' ? defaultHeaders(builder, units, found.length > 0) : []
    if (found.length === 0 && headers.length > 0) addStart(builder, headers)
    if (found.length === 0) continue
    const made = found.map(({ fn, unit }) => builder.add(own, fn, unit, { params: [] }))
    const [first, ...others] = made
    if (!first) continue
    first.body = [...headers, ...made.flatMap(({ body }) => body)]
    for (const other of others) builder.methods.splice(builder.methods.indexOf(other), 1)
    if (first.body.length === 0) builder.methods.splice(builder.methods.indexOf(first), 1)
    const [{ fn } = { fn: null }] = found
    if (fn?.doc) first.doc = docOf(fn.doc)
  }
}

/**
 * Translates `default_headers = {…}` of FastHttpUser. If a class defines `on_start`, the `onStart` of the class replaces the `onStart` of its base
 * class. The `onStart` of the class must therefore also set the headers of the base class, unless the class has its own headers.
 */
function defaultHeaders(builder: ClassBuilder, units: readonly Unit[], hasStart: boolean): Stmt[] {
  const [first] = units
  return units.flatMap((unit) => {
    const own = builder.isFast ? unit.members.attributes.get('default_headers') : undefined
    const value = own ?? (unit === first && hasStart ? builder.inheritedHeaders : undefined)
    if (!value || value.t === 'none') return []
    const frame = builder.frame({ params: [], body: [] }, unit, false)
    const { expr } = translateOr(value, frame)
    return [...frame.before, ...(expr.k === 'str' ? [] : headersSet(member(self, 'http'), expr, value))]
  })
}

/** Adds an `onStart` to a class that does not define one. */
function addStart(builder: ClassBuilder, body: readonly Stmt[]): void {
  const inherited = builder.lookup('on_start') ? [expression(awaited(call(member({ k: 'super' }, 'onStart'))))] : []
  builder.methods.push({ name: 'onStart', params: [], async: true, body: [...inherited, ...body] })
}

function methodOf(unit: Unit, name: string): { fn: PyFunction; unit: Unit }[] {
  const fn = unit.members.methods.get(name)
  return fn ? [{ fn, unit }] : []
}

/** Adds the methods that are not tasks. */
export function addOthers(builder: ClassBuilder, units: readonly Unit[]): void {
  for (const unit of units) for (const [name, fn] of unit.members.methods) addHelper(builder, unit, name, fn)
}

const ofLife = new Set(['on_start', 'on_stop', '__init__', 'wait_time', 'setup', 'teardown', 'context'])

export function addHelper(builder: ClassBuilder, unit: Unit, name: string, fn: PyFunction): void {
  const own = unit.names.get(name)
  if (
    ofLife.has(name) ||
    own === undefined ||
    isContextManager(fn.decorators) ||
    !builder.module.uses.members.has(name) ||
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
