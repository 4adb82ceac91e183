import { everyPy } from './code/declarations.ts'
import type { Module, NameUses } from './frame.ts'
import type { Py, PyStmt } from './python/syntax.ts'

/** Collects the uses of names in all classes and functions. */
export function usesOf({ classes, functions, source }: Pick<Module, 'classes' | 'functions' | 'source'>): NameUses {
  const bodies = [...classes.values(), ...functions.values()].map(({ body }) => body)
  const [globals, filled, assigned] = [new Set<string>(), new Set<string>(), new Set<string>()]
  everyStmt(bodies, (stmt) => {
    if (stmt.t === 'global') for (const name of stmt.names) globals.add(name)
    const targets = stmt.t === 'assign' ? stmt.targets : stmt.t === 'update' ? [stmt.target] : []
    for (const target of targets) {
      if (target.t === 'sub' && target.of.t === 'name') filled.add(target.of.id)
      if (target.t === 'attr') assigned.add(target.name)
    }
  })
  const [members, called, indexed] = [new Set<string>(), new Set<string>(), new Set<string>()]
  everyPy(bodies, (py) => {
    if (py.t === 'attr') members.add(py.name)
    if (py.t === 'call' && py.of.t === 'name') called.add(py.of.id)
    const name = indexedName(py)
    if (name !== null) indexed.add(name)
  })
  const throughClass = source.text.matchAll(/\b(\w+)\.(\w+)(?:\[[^\]\n]*\])?\s*[-+*/]?=(?!=)/g)
  const classWide = new Set(
    [...throughClass].flatMap(([, owner = '', name = '']) => (classes.has(owner) ? [name] : [])),
  )
  for (const name of classAttributes(classes)) assigned.add(name)
  return { globals, filled, indexed, assigned, members, called, classWide }
}

/** Returns the names that the bodies of classes assign. */
function classAttributes(classes: Module['classes']): string[] {
  const stmts = [...classes.values()].flatMap(({ body }) => body)
  const targets = stmts.flatMap((stmt) => (stmt.t === 'assign' ? stmt.targets : []))
  return targets.flatMap((target) => (target.t === 'name' ? [target.id] : []))
}

/** Returns the name in `NAMES[key]` or `NAMES.get(key)`, if the key varies. The name can also be the name of a member. */
function indexedName(py: Py): string | null {
  const [key] =
    py.t === 'call' && py.of.t === 'attr' && py.of.name === 'get' ? py.args : py.t === 'sub' ? [py.index] : []
  const of = py.t === 'call' && py.of.t === 'attr' ? py.of.of : py.t === 'sub' ? py.of : null
  if (!key || !of || ['str', 'num', 'slice'].includes(key.t)) return null
  return of.t === 'name' ? of.id : of.t === 'attr' ? of.name : null
}

/** Calls `visit` with each statement in a piece of syntax. */
function everyStmt(piece: unknown, visit: (stmt: PyStmt) => void): void {
  if (typeof piece !== 'object' || piece === null) return
  if ('t' in piece) visit(piece as PyStmt)
  for (const value of Object.values(piece)) if (typeof value === 'object') everyStmt(value, visit)
}
