import { type Stmt, comment } from '../../scenario/code.ts'
import { todo } from '../../scenario/model.ts'
import { valueName } from '../../scenario/names.ts'
import type { Frame, Module, Value, Variable } from '../frame.ts'
import { dottedName } from '../python/names.ts'
import type { Py } from '../python/syntax.ts'
import type { Plan } from './declarations.ts'
import type { Type } from './types.ts'

/** Thrown for Python code without a counterpart. Caught where a TODO comment can replace the code. */
export class Lost extends Error {
  readonly py: { at: number; from: number; to: number }
  readonly why: string

  constructor(py: { at: number; from: number; to: number }, why = '') {
    super('not carried over')
    this.py = py
    this.why = why
  }
}

/** A comment for code that could not be translated, with all of its source lines. */
export function todoFor(frame: { module: Module }, py: { at: number; from: number; to: number }, why = ''): Stmt {
  const { source } = frame.module
  return comment(todo(`${source.file}:${py.at}`, source.text.slice(py.from, py.to).replaceAll(/\s+/g, ' '), why))
}

/** Returns the translated value, or `'TODO'` with a comment above the statement if there is no counterpart. */
export function orPlaceholder(frame: Frame, py: Py, translate: () => Value): Value {
  const depth = frame.before.length
  try {
    return translate()
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    frame.before.length = depth
    frame.before.push(todoFor(frame, py, error.why))
    return { expr: { k: 'str', value: 'TODO' }, type: { kind: 'lost' } }
  }
}

/** Declares a Python variable, and gives it a name in TypeScript. */
export function declare(frame: Frame, id: string, type: Type): Variable {
  const known = frame.scope.get(id)
  if (known) return known
  const variable = { name: frame.names.take(valueName(id)), type }
  frame.scope.set(id, variable)
  return variable
}

/** A copy of the frame for a nested function, which can have additional variables. */
export function inner(frame: Frame, plan: Plan = frame.plan): Frame {
  return { ...frame, scope: new Map(frame.scope), names: frame.names.copy(), before: [], plan, returns: undefined }
}

/** Whether this function creates a lock. */
export function isLockPath(path: string): boolean {
  return /^(?:threading|gevent\.lock|multiprocessing|asyncio)\.(?:R?Lock|(?:Bounded)?Semaphore|DummySemaphore)$/.test(
    path,
  )
}

/** The full path of an imported name, such as `random.choice`, for every form of import. */
export function pathOf(frame: Frame, py: Py): string | null {
  const names = dottedName(py)
  if (names === null) return null
  const [first = '', ...rest] = names.split('.')
  if (frame.scope.has(first) || frame.module.functions.has(first)) return null
  const path = frame.module.imports.get(first)
  return path === undefined ? null : [path, ...rest].join('.')
}
