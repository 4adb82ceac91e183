import type { Settings } from '../requests/settings.ts'
import type { Expr, Stmt } from '../scenario/code.ts'
import { todoAbout } from '../scenario/model.ts'
import type { Names } from '../scenario/names.ts'
import type { Branch, Element } from './xml.ts'

/** The state while a plan is read. */
export interface Plan {
  file: string
  lines: readonly string[]
  /** Constants that the plan defines, by name. */
  constants: Map<string, string>
  /** Variables that extractors set, each with the name of the user's field. */
  fields: Map<string, string>
  /** Columns of data files, each with the name of its feed. */
  columns: Map<string, string>
  feeds: Map<string, Feed>
  /** Variables whose extractor finds all values. Each has the name of the user's field, which is a list. */
  lists: Map<string, string>
  /** Fields that controllers and counters need, with their first values. */
  state: Map<string, Expr>
  /** Statements at the top of the file. */
  top: Stmt[]
  /** The names of the user's members, of the statements at the top of the file, and of the variables of the current block. */
  memberNames: Names
  topNames: Names
  names: Names
  /** The names of all variables of blocks. */
  localNames: Set<string>
  /** Variables of the current block, with the code that reads them. */
  locals: ReadonlyMap<string, () => Expr>
  /** The names of members and variables that are numbers. */
  numeric: Set<string>
  /** The controllers around the current element, the outermost first. */
  parents: Parent[]
  /** The statements that count a counter and set it back, by element. */
  counts: Map<Element, { count: Stmt; reset: Stmt }>
  /** The statements that set counters back at the beginning of an iteration. */
  resets: Stmt[]
  /** The data files by element. */
  dataFiles: Map<Element, Feed>
  /** `true` if the reader treats constants of the plan as variables that `--var` can override. */
  isOpen: boolean
  /** The names of the current thread group and of the current sampler. */
  groupName: string
  samplerName: string
  /** Returns the value of an expression in JEXL, Groovy or JavaScript; null if it has no counterpart. */
  evaluate: (plan: Plan, text: string) => Expr | null
  /** The field that contains whether the last request succeeded. */
  lastOk: Expr
  /** The number of variables that may still be replaced. The limit exists because variables can contain each other. */
  left: number
  folder: string
  prefix: string
  /** The connection settings of the samplers. */
  settings: Settings[]
  /** Comments about the whole plan. */
  notes: Set<string>
  /** The elements without a counterpart that already have a comment. They do not get a second comment. */
  told: Set<Element>
  /** The elements that module controllers can run, by name. */
  modules: ReadonlyMap<string, Branch>
  /** Variables whose values are computed at each use: the expression for each name. */
  computed: Map<string, Expr>
}

/** The variable with the number of the current pass of a loop, beginning with 0. */
export interface Turn {
  name: string
  isUsed: boolean
}

/**
 * A controller around the current element. `plain`: its steps are part of the surrounding code. `function`: its steps are in a separate function.
 * `choice`: its steps do not always run.
 */
export interface Parent {
  kind: 'plain' | 'function' | 'loop' | 'choice' | 'switch'
  /** The variable that counts the passes of a loop; absent if the loop has only one pass. */
  turn?: Turn
}

/** A data file. */
export interface Feed {
  name: string
  path: string
  columns: string[]
  delimiter: string
  isRecycled: boolean
  /** A comment above the statement. */
  note: string | null
}

/** Returns a TODO comment for a piece of text that the plan contains. */
export function todoForText({ file, lines }: Plan, text: string, why: string): string {
  const line = lines.findIndex((one) => one.includes(text.replaceAll('"', '&quot;')) || one.includes(text))
  return todoAbout(line === -1 ? file : `${file}:${line + 1}`, text, why)
}

/** Returns a TODO comment for an element. */
export function todoFor(plan: Plan, { line, name, attributes, file }: Element, why: string): string {
  const written = file === undefined ? plan.lines[line - 1] : undefined
  const title = attributes['testname'] ?? written ?? name
  return todoAbout(`${file ?? plan.file}:${line}`, `${name} ${title}`, why)
}
