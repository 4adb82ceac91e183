import { type Expr, type Stmt, comment } from '../../scenario/code.ts'
import { todo } from '../../scenario/model.ts'
import { Names, valueName } from '../../scenario/names.ts'
import type { Module } from '../module.ts'
import { dottedName } from '../python/names.ts'
import type { Py } from '../python/syntax.ts'
import type { Plan } from './declarations.ts'
import type { Type } from './types.ts'

export interface Value {
  expr: Expr
  type: Type
}

export interface Variable {
  /** In TypeScript. */
  name: string
  type: Type
  /** Path of the file that it is. */
  file?: Expr
}

/** Thrown where a piece of Python has no counterpart; caught where a TODO comment can stand for it. */
export class Lost extends Error {
  readonly py: { at: number; from: number; to: number }
  readonly why: string

  constructor(py: { at: number; from: number; to: number }, why = '') {
    super('not carried over')
    this.py = py
    this.why = why
  }
}

export interface Member {
  name: string
  type: Type
  isMethod: boolean
  /** Read without a call. */
  isProperty: boolean
  /** The class that all users share it through. */
  staticOf?: string | null
  /** Of a method, in Python. */
  params?: readonly string[]
  /** Told of each read, and whether it is only written out in a text. */
  read?(isText: boolean): void
}

/** What `self` is in the code under translation. */
export interface Self {
  /** Its name in Python. */
  name: string
  kind: 'user' | 'shape'
  /** How it is written. */
  expr: Expr
  /** A member of the user by its name in Python. */
  memberOf(name: string): Member | undefined
  /** What `self.interrupt()` does here. */
  leave: readonly Stmt[]
  /** What stands for `self.wait()`. */
  pause: readonly Stmt[]
  host: string | null
  /** A member of the class that this one extends. */
  superOf?(name: string): Member | undefined
  /** Told of each value that a member is given. */
  assigned?(name: string, value: Value): void
}

/** One function while it is translated. */
export interface Frame {
  readonly module: Module
  readonly self: Self | null
  readonly scope: Map<string, Variable>
  readonly names: Names
  readonly plan: Plan
  /** Statements that go before the one under translation. */
  before: Stmt[]
  /** The response that `.failure()` and `.success()` judge here. */
  judged: string | null
  /** Inside of a text: what stands here is only written out. */
  isText: boolean
  /** Of a comprehension: where it stands. */
  outer?: Frame
  /** The variable that the statement gives a value to. */
  wanted?: string | null
  /** What stands before `break` in a loop with `else`. */
  onBreak?: readonly Stmt[]
  /** A task gives nothing back. */
  readonly isTask: boolean
  /** The exception that is being handled. */
  readonly caught?: string
  /** What it gives back, as far as was seen. */
  returns: Type | undefined
}

/** The source of a piece of Python, on one line. */
export function sourceOf({ module }: Frame, py: { from: number; to: number }): string {
  return module.source.text.slice(py.from, py.to).replaceAll(/\s+/g, ' ')
}

/** A comment for what could not be carried over; its whole line, or lines, of the source stand in it. */
export function todoFor(frame: { module: Module }, py: { at: number; from: number; to: number }, why = ''): Stmt {
  const { source } = frame.module
  return comment(todo(`${source.file}:${py.at}`, source.text.slice(py.from, py.to).replaceAll(/\s+/g, ' '), why))
}

/** The value, or `'TODO'` with a comment above the statement. */
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

/** Gives a variable of Python a name in TypeScript. */
export function declare(frame: Frame, id: string, type: Type): Variable {
  const known = frame.scope.get(id)
  if (known) return known
  const variable = { name: frame.names.take(valueName(id)), type }
  frame.scope.set(id, variable)
  return variable
}

/** The same frame with variables of its own on top: a function within the function. */
export function inner(frame: Frame, plan: Plan = frame.plan): Frame {
  return { ...frame, scope: new Map(frame.scope), names: frame.names.copy(), before: [], plan, returns: undefined }
}

/** The full path of something imported: `random.choice`, whichever way it was imported. */
export function pathOf(frame: Frame, py: Py): string | null {
  const names = dottedName(py)
  if (names === null) return null
  const [first = '', ...rest] = names.split('.')
  if (frame.scope.has(first) || frame.module.functions.has(first)) return null
  const path = frame.module.imports.get(first)
  return path === undefined ? null : [path, ...rest].join('.')
}
