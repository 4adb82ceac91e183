import type { Expr, Stmt } from '../scenario/code.ts'
import { Names } from '../scenario/names.ts'
import type { Plan } from './code/declarations.ts'
import type { Type } from './code/types.ts'
import type { Py, PyFunction, PyStmt } from './python/syntax.ts'
import type { Source } from './python/tree.ts'

export interface PyClass {
  name: string
  at: number
  from: number
  to: number
  bases: Py[]
  decorators: Py[]
  body: PyStmt[]
  doc: string | null
}

interface Constant {
  /** In TypeScript. */
  name: string
  type: Type
}

/** Rows of a file that are only drawn one by one: a feed of burst. */
export interface FeedName {
  name: string
  columns: string[]
  /** What is written before `.next()`. */
  how: 'random' | 'unique' | 'sequential'
  /** Rows are used by column names, not as lists. */
  isByName: boolean
}

/** A locustfile, taken apart. */
export interface Module {
  /** What translates its pieces. */
  translator: Translator
  source: Source
  /** Full path by local name. */
  imports: Map<string, string>
  classes: Map<string, PyClass>
  functions: Map<string, PyFunction & { at: number; from: number; to: number }>
  /** Names of functions and methods that await something. */
  asynchronous: Set<string>
  /** Statements that are neither of these. */
  rest: PyStmt[]
  constants: Map<string, Constant>
  /** Names in TypeScript of functions of the module. */
  functionNames: Map<string, string>
  /** Names in TypeScript of classes. */
  classNames: Map<string, string>
  /** What a parameter of a function of the module is: `self` or `self.client` was passed for it. */
  parameters: Map<string, Map<string, Type>>
  feeds: Map<string, FeedName>
  /** Folder of the locustfile, where its data lies. */
  folder: string
  /** From the scenario to that folder; empty where they are the same. */
  prefix: string
  /** The scenario's host. */
  host: Expr | null
  /** Constants that hold the host of the scenario. */
  hosts: Set<string>
  /** Values of constants that are written out. */
  values: Map<string, Expr>
  options: Map<string, Py | null>
}

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

/** The parts of the translation that call each other; a module of Python carries them. */
export interface Translator {
  expression(py: Py, frame: Frame): Value
  block(stmts: readonly PyStmt[], frame: Frame, isTail: boolean): Stmt[]
  assigned(target: Py, value: Value, frame: Frame): Stmt[]
  request(py: Extract<Py, { t: 'call' }>, frame: Frame): Expr | null
}
