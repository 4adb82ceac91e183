import { type Expr, type Stmt, expression } from '../../scenario/code.ts'
import type { Field, Method } from '../../scenario/model.ts'
import { camelCase } from '../../scenario/names.ts'
import { awaits, some } from '../../scenario/walk.ts'
import { Lost, todoFor } from '../code/context.ts'
import { everyPy, planOf } from '../code/declarations.ts'
import { isContextManager, isGenerator } from '../code/yields.ts'
import { block, translateOr } from '../code/translator.ts'
import { typeText } from '../code/value-types.ts'
import type { Frame, Module, ObjectClass, PyClass } from '../frame.ts'
import { moduleFrame } from '../module-frame.ts'
import { dottedName } from '../python/names.ts'
import type { Py, PyFunction } from '../python/syntax.ts'
import { objectType, unset } from '../objects.ts'
import { isEnum, recordFields } from '../records.ts'
import { type Members, ancestors, basesOf, kindOf, membersOf } from './kinds.ts'
import { docOf, paramNames, paramsOf } from './params.ts'
import { tidied } from './tidied.ts'

/**
 * Returns true if a class becomes a TypeScript class. The objects of such a class have methods. No user class, TaskSet or load shape extends such a
 * class.
 */
function isObjectClass(module: Module, one: PyClass): boolean {
  if (kindOf(module, one) !== 'other' || recordFields(one) || isEnum(one)) return false
  const outside = one.bases.filter((base) => !module.classes.has(dottedName(base) ?? ''))
  if (outside.some((base) => !['object', 'ABC', 'abc.ABC'].includes(dottedName(base) ?? ''))) return false
  const isMixed = [...module.classes.values()].some(
    (other) => kindOf(module, other) !== 'other' && ancestors(module, other).includes(one),
  )
  const all = [one, ...ancestors(module, one)]
  return !isMixed && basesOf(module, one).length <= 1 && all.some(({ body }) => body.some(({ t }) => t === 'def'))
}

/** Finds the classes whose objects have methods, and chooses the TypeScript names of the members of these classes. */
export function nameObjects(module: Module): void {
  for (const one of module.classes.values()) {
    if (!isObjectClass(module, one)) continue
    const { attributes, methods } = membersOf(one)
    const fields = [...attributes.keys(), ...[...methods.values()].flatMap(assignedIn)].filter(
      (name) => !module.locks.has(`.${name}`),
    )
    const found: ObjectClass = {
      name: module.classNames.get(one.name) ?? one.name,
      base: basesOf(module, one).find((base) => isObjectClass(module, base))?.name ?? null,
      methods: new Map([...methods].map(([name, fn]) => [name, signatureOf(fn)])),
      fields: new Map(fields.map((name) => [name, unset])),
      statics: new Set([...attributes.keys()].filter((name) => isReadFromClass(module, one, name))),
    }
    module.objects.set(one.name, found)
    for (const name of [...methods.keys(), ...fields])
      if (!module.objectMembers.has(name)) module.objectMembers.set(name, memberName(name, module.objectMembers))
  }
}

function memberName(name: string, known: ReadonlyMap<string, string>): string {
  const plain = camelCase(name)
  const own =
    ['constructor', 'then', 'prototype', 'name', 'length'].includes(plain) && name !== 'name' ? `${plain}Value` : plain
  return [...known.values()].includes(own) ? `${own}${known.size}` : own
}

function signatureOf(fn: PyFunction): { params: string[]; kind: 'method' | 'property' | 'static' } {
  const marks = new Set(fn.decorators.map((one) => dottedName(one) ?? ''))
  const isStatic = marks.has('staticmethod')
  const kind = isStatic || marks.has('classmethod') ? 'static' : marks.has('property') ? 'property' : 'method'
  return { params: paramNames(isStatic ? fn.params : fn.params.slice(1)), kind }
}

/** Returns the names that a method assigns as `self.x = …`. */
function assignedIn(fn: PyFunction): string[] {
  const own = fn.params[0]?.name
  const found: string[] = []
  const look = (piece: unknown): void => {
    if (typeof piece !== 'object' || piece === null) return
    const stmt = piece as { t?: string; targets?: Py[]; target?: Py }
    const targets = stmt.t === 'assign' ? (stmt.targets ?? []) : stmt.t === 'update' && stmt.target ? [stmt.target] : []
    for (const target of targets.flatMap((one) => (one.t === 'tuple' ? one.items : [one])))
      if (target.t === 'attr' && dottedName(target.of) === own) found.push(target.name)
    for (const value of Object.values(piece)) if (typeof value === 'object') look(value)
  }
  look(fn.body)
  return found
}

/** Returns true if code reads an attribute through the class, as in `Product.count`. All objects share such an attribute. */
function isReadFromClass(module: Module, one: PyClass, name: string): boolean {
  let found = false
  const owners = new Set([one.name, 'cls'])
  everyPy([...module.classes.values(), ...module.functions.values(), module.rest], (py) => {
    if (py.t === 'attr' && py.name === name && py.of.t === 'name') found ||= owners.has(py.of.id)
  })
  return found
}

/** Returns the TypeScript classes, in the order of the Python file. */
export function objectClasses(module: Module): Stmt[] {
  return [...module.classes.values()].flatMap((one): Stmt[] => {
    const known = module.objects.get(one.name)
    if (!known) return []
    try {
      return [classStmt(module, one, known)]
    } catch (error) {
      if (!(error instanceof Lost)) throw error
      return [todoFor({ module }, { ...error.py, from: one.from, to: one.from + 80, at: one.at }, error.why)]
    }
  })
}

function classStmt(module: Module, one: PyClass, known: ObjectClass): Stmt {
  const members = membersOf(one)
  const made = [...members.methods]
    .filter(([, fn]) => !isContextManager(fn.decorators))
    .flatMap(([name, fn]) => methodOf(module, one, known, { name, fn }))
  const { statics, fields, notes } = fieldsOf(module, members, known)
  const base = known.base === null ? undefined : module.objects.get(known.base)?.name
  return {
    k: 'class',
    name: known.name,
    ...(base !== undefined && { base }),
    ...(one.doc !== null && { doc: docOf(one.doc) }),
    statics,
    fields,
    methods: made,
    notes,
  }
}

function fieldsOf(
  module: Module,
  { attributes, methods }: Members,
  known: ObjectClass,
): { statics: Field[]; fields: Field[]; notes: string[] } {
  const frame = moduleFrame(module, [])
  const [statics, fields]: [Field[], Field[]] = [[], []]
  const first = methods.get('__init__')
  const inFirst = new Set(
    first?.body.flatMap((stmt) => (stmt.t === 'assign' ? assignedIn({ ...first, body: [stmt] }) : [])),
  )
  for (const [name, type] of known.fields) {
    const py = attributes.get(name)
    const own = module.objectMembers.get(name) ?? name
    if (py) {
      const { expr } = translateOr(py, frame)
      const isOpen = ['null', 'array', 'object'].includes(expr.k)
      const field = { name: own, ...(isOpen && { type: expr.k === 'array' ? 'any[]' : 'any' }), value: expr }
      if (known.statics.has(name)) statics.push(field)
      else if (!inFirst.has(name) || !first) fields.push(field)
      else fields.push({ name: own, type: 'any' })
    } else if (!isInherited(module, known, name))
      fields.push({ name: own, type: inFirst.has(name) ? typeText(type) : 'any' })
  }
  const notes = frame.before.flatMap((note) => (note.k === 'comment' ? [note.text] : []))
  return { statics, fields, notes }
}

function isInherited(module: Module, { base }: ObjectClass, name: string): boolean {
  const parent = base === null ? undefined : module.objects.get(base)
  return parent !== undefined && (parent.fields.has(name) || isInherited(module, parent, name))
}

const special: Readonly<Record<string, string>> = { __init__: 'constructor', __str__: 'toString', __repr__: 'toString' }

interface Own {
  name: string
  fn: PyFunction & { at: number; from: number; to: number }
}

function methodOf(module: Module, one: PyClass, known: ObjectClass, { name, fn }: Own): Method[] {
  if (name === '__repr__' && known.methods.has('__str__')) return []
  if (name.startsWith('__') && !Object.hasOwn(special, name)) throw new Lost(fn, `the method ${name} is not translated`)
  const kind = known.methods.get(name)?.kind ?? 'method'
  const frame = methodFrame(module, one, known, { name, fn })
  const key = name === '__init__' ? `${one.name}()` : `.${name}`
  const given = isStaticMethod(fn) ? fn.params : fn.params.slice(1)
  const params = paramsOf(given, frame, module.parameters.get(key))
  const generator = isGenerator(fn)
  const body = tidied(block(fn.body, { ...frame, isTask: generator }, true))
  const isAsync = awaits(body)
  if (isAsync && !mayWait(name, kind)) throw new Lost(fn, 'JavaScript cannot wait in a constructor or a property')
  return [
    {
      name: special[name] ?? module.objectMembers.get(name) ?? name,
      params,
      async: isAsync,
      generator,
      body: completed(body, kind, name === '__init__' ? known : null),
      ...(fn.doc !== null && { doc: docOf(fn.doc) }),
      ...returnsOf(module, one, body, isAsync),
      ...(kind !== 'method' && { modifier: modifiers[kind] }),
    },
  ]
}

function mayWait(name: string, kind: string): boolean {
  return name !== '__init__' && kind !== 'property'
}

const modifiers = { static: 'static', property: 'get' } as const

function isStaticMethod(fn: PyFunction): boolean {
  return fn.decorators.some((each) => dottedName(each) === 'staticmethod')
}

/** If a property is empty, adds a `return`. If a constructor must call `super()` but does not, adds this call. */
function completed(body: readonly Stmt[], kind: string, made: ObjectClass | null): readonly Stmt[] {
  if (kind === 'property' && body.length === 0) return [{ k: 'return', of: { k: 'undefined' } }]
  return made ? superFirst(body, made) : body
}

/**
 * Returns the declared result type of a method. A method needs this type if other classes may override the method, or if code may add keys to the
 * returned object.
 */
function returnsOf(module: Module, one: PyClass, body: readonly Stmt[], isAsync: boolean): { returns?: string } {
  const results = returnedIn(body)
  if (results.length === 0) return {}
  const isShared = module.objects.get(one.name)?.base !== null || hasSubclass(module, one)
  const type = isShared ? 'any' : results.every(({ k }) => k === 'object') ? 'Record<string, any>' : undefined
  if (type === undefined) return {}
  return { returns: isAsync ? `Promise<${type}>` : type }
}

function hasSubclass(module: Module, one: PyClass): boolean {
  return [...module.objects.values()].some(({ base }) => base === one.name)
}

/** Returns the values of a method's `return` statements. Skips the `return` statements of functions inside the method. */
function returnedIn(piece: unknown): Expr[] {
  if (typeof piece !== 'object' || piece === null) return []
  if ('k' in piece && (piece.k === 'arrow' || piece.k === 'function')) return []
  if ('k' in piece && piece.k === 'return') return 'of' in piece && piece.of ? [piece.of as Expr] : []
  return Object.values(piece).flatMap(returnedIn)
}

/** Adds a call of `super()` to the constructor of a class with a base class, because TypeScript requires this call. */
function superFirst(body: readonly Stmt[], { base }: ObjectClass): readonly Stmt[] {
  const isCalled = some(body, (node) => node.k === 'call' && node.of.k === 'super')
  return base === null || isCalled ? body : [expression({ k: 'call', of: { k: 'super' }, args: [] }), ...body]
}

function methodFrame(module: Module, one: PyClass, known: ObjectClass, { name, fn }: Own): Frame {
  const frame: Frame = { ...moduleFrame(module, fn.body), plan: planOf(fn.body) }
  const [self] = fn.params
  if (self && !isStaticMethod(fn)) {
    const own = known.methods.get(name)?.kind === 'static' ? known.name : 'this'
    frame.scope.set(self.name, { name: own, type: objectType(module.objects, one.name) })
  }
  return frame
}
