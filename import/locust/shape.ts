import { type Expr, type Stmt, array, arrow, id, nil } from '../scenario/code.ts'
import { Names, camelCase, valueName } from '../scenario/names.ts'
import { namesIn, namesOf, some, walk } from '../scenario/walk.ts'
import { type Members, ancestors, isMarkedAbstract, kindOf, membersOf } from './classes/kinds.ts'
import { localNames } from './classes/params.ts'
import { tidied } from './classes/tidied.ts'
import { Lost, todoFor } from './code/context.ts'
import { block, translateOr } from './code/translator.ts'
import { type Type, any, number, typeText, unified } from './code/value-types.ts'
import type { Frame, Module, PyClass, Value } from './frame.ts'
import { moduleFrame } from './module-frame.ts'
import type { Py, PyFunction, PyStmt } from './python/syntax.ts'
import { stagesOf } from './stages.ts'

/** The option `load`, which replaces a LoadTestShape, and the constants and functions that this option needs. */
export interface Shape {
  load: Expr
  top: Stmt[]
  notes: string[]
}

/**
 * Returns the load of the first load shape that is not abstract; null if the locustfile has no such shape. The field `notes` contains a comment for
 * each further load shape that is not abstract, because the scenario uses only the first.
 */
export function shapeOf(module: Module): Shape | null {
  const shapes = [...module.classes.values()].filter(
    (one) => kindOf(module, one) === 'shape' && membersOf(one, ancestors(module, one)).methods.has('tick'),
  )
  const used = shapes.filter((one) => !isMarkedAbstract(one))
  const [first, ...others] = used
  if (!first) return null
  const notes = others.flatMap((other) => {
    const note = todoFor({ module }, { ...other, to: other.from + 6 + other.name.length }, 'another shape')
    return note.k === 'comment' ? [note.text] : []
  })
  const members = membersOf(first, ancestors(module, first))
  const stages = stagesOf(members, module)
  if (stages) return { load: array(stages), top: [], notes: [...notes, ...classNotes(members, module)] }
  return { ...byFunction(module, first, members), notes }
}

/** Returns a comment for the scenario if a stage has `user_classes`, which burst does not support; otherwise an empty list. */
function classNotes({ attributes }: Members, module: Module): string[] {
  const list = attributes.get('stages')
  const first = (list?.t === 'list' ? list.items : []).find(
    (item) => item.t === 'dict' && item.entries.some(({ key }) => key?.t === 'str' && key.value === 'user_classes'),
  )
  if (!first) return []
  const note = todoFor({ module }, first, 'burst runs all classes in every stage')
  return note.k === 'comment' ? [note.text] : []
}

interface Attribute {
  name: string
  type: Type
  isMethod: boolean
  isProperty: boolean
}

/** Translates `tick` to a function whose argument is the time since the start of the run, in seconds. */
function byFunction(module: Module, one: PyClass, members: Members): { load: Expr; top: Stmt[] } {
  const names = new Names([...localNames(module), 'second'])
  const known = new Map<string, Attribute>()
  const frame = shapeFrame(module, known, [])
  const top: Stmt[] = []
  for (const [name, value] of members.attributes) {
    if (['abstract', 'use_common_options'].includes(name)) continue
    const initial = translateOr(value, frame)
    top.push(...frame.before.splice(0), constantOf(known, names, name, initial, isChanged(one, name)))
  }
  for (const [name, fn] of members.methods)
    if (name !== 'tick' && name !== '__init__')
      known.set(name, {
        name: names.take(valueName(fn.name)),
        type: { kind: 'function' },
        isMethod: true,
        isProperty: false,
      })
  for (const [name, fn] of members.methods) {
    const found = known.get(name)
    if (found?.isMethod) top.push(helperOf(module, known, found.name, fn))
  }
  const tick = members.methods.get('tick') as PyFunction
  const own = shapeFrame(module, known, tick.body)
  const body = tidied(withoutUnusedNames(block(tick.body, own, true)))
  return { load: loadFunction(body), top }
}

/** If no code reads a name in an array pattern, removes this name from the pattern. For example, no code reads the spawn rate of a stage. */
function withoutUnusedNames(body: readonly Stmt[]): Stmt[] {
  const used = namesIn(body)
  const copy = JSON.parse(JSON.stringify(body)) as Stmt[]
  walk(copy, (node) => {
    if ((node.k !== 'for' && node.k !== 'var') || typeof node.name !== 'object' || !('array' in node.name)) return
    const isUsed = (name: string): boolean => used.has(name.replace('...', ''))
    const names = node.name.array.map((one) => (one !== null && namesOf(one).some(isUsed) ? one : null))
    node.name = { array: names.slice(0, names.findLastIndex((name) => name !== null) + 1) }
  })
  return copy
}

/** Translates a method other than `tick` to a function. */
function helperOf(module: Module, known: Map<string, Attribute>, name: string, fn: PyFunction): Stmt {
  const own = shapeFrame(module, known, fn.body)
  const params = fn.params.slice(1).map((param) => ({ name: valueName(param.name), type: 'any' }))
  for (const param of fn.params.slice(1)) own.scope.set(param.name, { name: valueName(param.name), type: any })
  const all = usesTime(fn) ? [{ name: 'second', type: 'number' }, ...params] : params
  return { k: 'function', fn: { name, params: all, async: false, body: tidied(block(fn.body, own, true)) } }
}

function usesTime(fn: PyFunction): boolean {
  return JSON.stringify(fn.body).includes('get_run_time')
}

function loadFunction(body: readonly Stmt[]): Expr {
  const last = body.at(-1)?.k
  const ended: readonly Stmt[] = last === 'return' || last === 'throw' ? body : [...body, { k: 'return', of: nil }]
  const param = some(ended, (node) => node.k === 'id' && node.name === 'second') ? ['second'] : []
  return arrow(param, onlyValue(ended) ?? ended)
}

/**
 * Converts statements to one expression. Two forms are possible: a single `return`; or an `if` that contains only a `return`, with a second `return`
 * after the `if`. Returns null for other statements.
 */
function onlyValue(body: readonly Stmt[]): Expr | null {
  const [first, second, ...more] = body
  if (first?.k === 'return') return second ? null : (first.of ?? null)
  if (first?.k !== 'if' || second?.k !== 'return' || more.length > 0 || first.no.length > 0) return null
  const [yes, ...others] = first.yes
  return yes?.k === 'return' && yes.of && second.of && others.length === 0
    ? { k: 'cond', test: first.test, yes: yes.of, no: second.of }
    : null
}

// oxlint-disable-next-line max-params -- it needs the place of the names, and a constant by its name and value
function constantOf(known: Map<string, Attribute>, names: Names, name: string, initial: Value, changed: boolean): Stmt {
  const own = names.take(valueName(camelCase(name)))
  known.set(name, { name: own, type: initial.type, isMethod: false, isProperty: false })
  const hasTuples = initial.type.kind === 'list' && (initial.type.of?.items?.length ?? 0) > 0
  const type = hasTuples ? { type: typeText(initial.type) } : {}
  return { k: 'var', kind: changed ? 'let' : 'const', name: own, value: initial.expr, ...type }
}

/** Returns true if a method assigns `self.name`. */
function isChanged(one: PyClass, name: string): boolean {
  let found = false
  const look = (piece: unknown): void => {
    if (typeof piece !== 'object' || piece === null) return
    const stmt = piece as PyStmt
    const targets = stmt.t === 'assign' ? stmt.targets : stmt.t === 'update' ? [stmt.target] : []
    found ||= targets.some((target) => target.t === 'attr' && target.name === name)
    for (const value of Object.values(piece)) if (typeof value === 'object') look(value)
  }
  look(one.body.filter(({ t }) => t === 'def'))
  return found
}

function shapeFrame(module: Module, known: Map<string, Attribute>, body: PyFunction['body']): Frame {
  return {
    ...moduleFrame(module, body),
    self: {
      name: 'self',
      kind: 'shape',
      expr: id('self'),
      leave: [],
      pause: [],
      host: null,
      memberOf: (name) =>
        name === 'get_run_time'
          ? { name: 'second', type: number, isMethod: false, isProperty: false }
          : known.get(name),
      assigned: (name, value) => {
        const found = known.get(name)
        if (found) found.type = unified(found.type, value.type)
      },
    },
    names: new Names([...localNames(module), 'second']),
  }
}

/** Translates `self.get_run_time()` to the argument of the load function. */
export function runTime(py: Extract<Py, { t: 'call' }>, frame: Frame): Value | null {
  if (frame.self?.kind !== 'shape' || py.of.t !== 'attr' || py.of.of.t !== 'name' || py.of.of.id !== frame.self.name)
    return null
  if (py.of.name === 'get_run_time') return { expr: id('second'), type: number }
  if (py.of.name !== 'get_current_user_count') return null
  throw new Lost(py, 'the load is planned before the run')
}
