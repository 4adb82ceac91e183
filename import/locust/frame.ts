import type { Entry, Expr, Stmt } from '../scenario/code.ts'
import type { Settings } from '../requests/settings.ts'
import { Names } from '../scenario/names.ts'
import type { Plan } from './code/declarations.ts'
import type { Type } from './code/value-types.ts'
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
  /** The name in TypeScript. */
  name: string
  type: Type
}

/** A feed of burst that replaces the rows of a file. The code draws one row at a time, and does not use the rows in any other way. */
export interface FeedName {
  name: string
  columns: string[]
  /** The feed's method that the code calls before `.next()`. */
  how: 'random' | 'unique' | 'sequential'
  /** `true` if the code reads a row by column names; `false` if the code uses a row as a list. */
  isByName: boolean
}

/** The function that creates the objects of a dataclass or a named tuple, with its TypeScript name and its Python parameters. */
interface RecordMaker {
  name: string
  params: readonly string[]
}

/** A class whose objects have methods. The class becomes a TypeScript class. `fields` and `methods` contain the Python names of its members. */
export interface ObjectClass {
  /** The name in TypeScript. */
  name: string
  /** The Python name of the base class. */
  base: string | null
  methods: ReadonlyMap<string, { params: readonly string[]; kind: 'method' | 'property' | 'static' }>
  /** The fields, with the types of the values that code assigns. */
  fields: Map<string, Type>
  /** The fields that belong to the class, so that all objects share them. */
  statics: ReadonlySet<string>
}

/** A locustfile whose statements are sorted by kind. */
export interface Module {
  /** The functions that translate the statements and expressions of the file. */
  translator: Translator
  source: Source
  /** The full path of each imported name, by its local name. */
  imports: Map<string, string>
  classes: Map<string, PyClass>
  functions: Map<string, PyFunction & { at: number; from: number; to: number }>
  /** The names of functions and methods that await something. */
  asynchronous: Set<string>
  /** The names of functions and methods that return a generator. */
  generators: ReadonlySet<string>
  /** The remaining statements of the file. */
  rest: PyStmt[]
  constants: Map<string, Constant>
  /** The TypeScript names of functions of the module. */
  functionNames: Map<string, string>
  /** The TypeScript names of classes. */
  classNames: Map<string, string>
  /** For each function of the module, the types of its parameters. The types come from the arguments of calls, such as `self` or `self.client`. */
  parameters: Map<string, Map<string, Type>>
  feeds: Map<string, FeedName>
  /** Dataclasses and named tuples, by their Python names. */
  records: Map<string, RecordMaker>
  /**
   * The methods of dataclasses as functions of the file, by their Python names. The value is null if several dataclasses have a method of this name.
   */
  recordMethods: Map<string, { name: string; params: PyFunction['params']; isProperty: boolean } | null>
  /** Classes that become TypeScript classes, by their Python names. */
  objects: Map<string, ObjectClass>
  /** The TypeScript names of the members of the classes in `objects`. */
  objectMembers: Map<string, string>
  /** The names of the methods of classes that are neither users nor TaskSets. */
  objectMethods: Set<string>
  /** The names of constants that are locks. */
  locks: Set<string>
  /** The constants that are compiled regular expressions, with the pattern of each. */
  patterns: Map<string, Py>
  /** Constants that contain the path of the locustfile's folder, or of a file in that folder. The values are paths relative to the locustfile. */
  paths: Map<string, string>
  /** The Python names of classes that are an `Enum`. */
  enums: Set<string>
  /** The folder of the locustfile and its data files. */
  folder: string
  /** The path from the scenario to the folder of the locustfile; empty if the scenario is in the same folder. */
  prefix: string
  /** The scenario's host. */
  host: Expr | null
  /** The names of constants that contain the host of the scenario. */
  hosts: Set<string>
  /** The values of constants that are literals. */
  values: Map<string, Expr>
  options: Map<string, Py | null>
  /** The connection settings of the scenario. */
  settings: Settings
  /** The uses of names in the file. */
  uses: NameUses
}

/** Names, grouped by how the code uses them. */
export interface NameUses {
  /** The constants that a function assigns. */
  globals: ReadonlySet<string>
  /** The names of lists and dictionaries whose items the code changes, as in `X[…] = …`. */
  filled: ReadonlySet<string>
  /** The dictionaries that the code reads with varying keys. */
  indexed: ReadonlySet<string>
  /** The members that code assigns, in a statement such as `self.x = …` or in the body of a class. */
  assigned: ReadonlySet<string>
  /** The members that the code reads or calls. */
  members: ReadonlySet<string>
  /** The functions that the code calls by name. */
  called: ReadonlySet<string>
  /** The members that code assigns through a class, so that all users of the class share these members. */
  classWide: ReadonlySet<string>
}

export interface Value {
  expr: Expr
  type: Type
}

export interface Variable {
  /** The name in TypeScript. */
  name: string
  type: Type
  /** The path of the file, if the variable represents a file. */
  file?: Expr
}

export interface Member {
  name: string
  type: Type
  isMethod: boolean
  /** `true` if the member is a property, which Python reads without a call. */
  isProperty: boolean
  /** The class of a static member, which all users share. */
  staticOf?: string | null
  /** The Python names of a method's parameters. */
  params?: readonly string[]
  /** Called each time the member is read. If `isText` is true, the value is only inserted into a string. */
  read?(isText: boolean): void
}

/** The translation of `self` in the current code. */
export interface Self {
  /** The Python name of `self`. */
  name: string
  kind: 'user' | 'shape'
  /** The TypeScript expression for `self`. */
  expr: Expr
  /** Returns the member with this Python name. */
  memberOf(name: string): Member | undefined
  /** The statements that replace `self.interrupt()` in the current code. */
  leave: readonly Stmt[]
  /** The statements that replace `self.wait()` in the current code. */
  pause: readonly Stmt[]
  host: string | null
  /** The TypeScript name of the class. */
  className?: string
  /** The request options that the class sets, such as `timeout`. */
  defaults?: readonly Entry[]
  /** Returns a member of the class that the current class extends. */
  superOf?(name: string): Member | undefined
  /** Called with each value that is assigned to a member. */
  assigned?(name: string, value: Value): void
}

/** The state while one function is translated. */
export interface Frame {
  readonly module: Module
  readonly self: Self | null
  readonly scope: Map<string, Variable>
  readonly names: Names
  readonly plan: Plan
  /** Statements that must precede the statement that is being translated. */
  before: Stmt[]
  /** The Python name of the response that `.failure()` and `.success()` mark as failed or successful. */
  judged: string | null
  /** `true` if the current expression is only inserted into a string. */
  isText: boolean
  /** The frame of the code around a comprehension, while the comprehension is translated. */
  outer?: Frame
  /** The variable to which the statement assigns its value. */
  wanted?: string | null
  /** The statements that must precede each `break` of a loop that has an `else` block. */
  onBreak?: readonly Stmt[]
  /** `true` if the function is a task, which does not return a value. */
  readonly isTask: boolean
  /** The name of the exception in an `except` block. */
  readonly caught?: string
  /** The type of the result of the function, if it is known. */
  returns: Type | undefined
}

/** The functions that translate the parts of a locustfile. They call each other through the `Module`. */
export interface Translator {
  expression(py: Py, frame: Frame): Value
  block(stmts: readonly PyStmt[], frame: Frame, isTail: boolean): Stmt[]
  assigned(target: Py, value: Value, frame: Frame): Stmt[]
  request(py: Extract<Py, { t: 'call' }>, frame: Frame): Expr | null
}
