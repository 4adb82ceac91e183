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
  /** The expression before `.next()`. */
  how: 'random' | 'unique' | 'sequential'
  /** Whether rows are used by column names, and not as lists. */
  isByName: boolean
}

/** The parts of a locustfile. */
export interface Module {
  /** The translator of its parts. */
  translator: Translator
  source: Source
  /** The full path of each local name. */
  imports: Map<string, string>
  classes: Map<string, PyClass>
  functions: Map<string, PyFunction & { at: number; from: number; to: number }>
  /** The names of functions and methods that await something. */
  asynchronous: Set<string>
  /** Other statements. */
  rest: PyStmt[]
  constants: Map<string, Constant>
  /** The TypeScript names of functions of the module. */
  functionNames: Map<string, string>
  /** The TypeScript names of classes. */
  classNames: Map<string, string>
  /** Whether `self` or `self.client` was passed for a parameter of a function of the module. */
  parameters: Map<string, Map<string, Type>>
  feeds: Map<string, FeedName>
  /** The folder of the locustfile, which contains its data. */
  folder: string
  /** The path from the scenario to that folder; empty if they are the same. */
  prefix: string
  /** The scenario's host. */
  host: Expr | null
  /** Constants that contain the host of the scenario. */
  hosts: Set<string>
  /** The values of literal constants. */
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
  /** The path of the file that it represents. */
  file?: Expr
}

export interface Member {
  name: string
  type: Type
  isMethod: boolean
  /** Whether it is read without a call. */
  isProperty: boolean
  /** The class through which all users share it. */
  staticOf?: string | null
  /** The Python names of a method's parameters. */
  params?: readonly string[]
  /** Called at each read, with whether it is only inserted into a text. */
  read?(isText: boolean): void
}

/** The translation of `self` in the present code. */
export interface Self {
  /** Its Python name. */
  name: string
  kind: 'user' | 'shape'
  /** Its TypeScript expression. */
  expr: Expr
  /** A member of the user by its Python name. */
  memberOf(name: string): Member | undefined
  /** The translation of `self.interrupt()` here. */
  leave: readonly Stmt[]
  /** The translation of `self.wait()` here. */
  pause: readonly Stmt[]
  host: string | null
  /** A member of the extended class. */
  superOf?(name: string): Member | undefined
  /** Called with each value that a member is given. */
  assigned?(name: string, value: Value): void
}

/** The state while one function is translated. */
export interface Frame {
  readonly module: Module
  readonly self: Self | null
  readonly scope: Map<string, Variable>
  readonly names: Names
  readonly plan: Plan
  /** Statements that precede the one under translation. */
  before: Stmt[]
  /** The response that `.failure()` and `.success()` judge here. */
  judged: string | null
  /** Whether the present expression is inside a text, where it is only inserted. */
  isText: boolean
  /** The place of a comprehension. */
  outer?: Frame
  /** The variable that the statement assigns. */
  wanted?: string | null
  /** Statements before `break` in a loop with `else`. */
  onBreak?: readonly Stmt[]
  /** A task does not return a value. */
  readonly isTask: boolean
  /** The exception that is being handled. */
  readonly caught?: string
  /** The type of its result, as far as it is known. */
  returns: Type | undefined
}

/** The parts of the translation that call each other; each Python module has one set. */
export interface Translator {
  expression(py: Py, frame: Frame): Value
  block(stmts: readonly PyStmt[], frame: Frame, isTail: boolean): Stmt[]
  assigned(target: Py, value: Value, frame: Frame): Stmt[]
  request(py: Extract<Py, { t: 'call' }>, frame: Frame): Expr | null
}
