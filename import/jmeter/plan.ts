import type { Settings } from '../requests/settings.ts'
import type { Expr, Method, Stmt } from '../scenario/code.ts'
import { longestName, shortened, todoAbout } from '../scenario/model.ts'
import type { Names } from '../scenario/names.ts'
import type { Branch, Element } from './xml.ts'

/** The state of the import, with all values that were read from the plan. */
export interface Plan {
  file: string
  lines: readonly string[]
  /** The values of the constants that the plan defines, by name. */
  constants: Map<string, string>
  /** For each variable that an extractor or a script sets, the name of the user's field that holds the value. */
  fields: Map<string, string>
  /** For each column of the data files, the name of the feed that has the column. */
  columns: Map<string, string>
  feeds: Map<string, Feed>
  /** An extractor can find all values of a variable. For each such variable, the name of the user's field that holds the list of values. */
  lists: Map<string, string>
  /** For each field of the user that a controller or a counter needs, the initial value of the field. */
  state: Map<string, Expr>
  /** The statements at the top of the generated file. */
  top: Stmt[]
  /** The names that are already taken: by members of the user, by statements at the top of the file, and by variables of the current block. */
  memberNames: Names
  topNames: Names
  names: Names
  /** The names of all variables that belong to a block and not to the user. */
  localNames: Set<string>
  /** For each variable of the current block, a function that returns the code that reads the variable. */
  locals: ReadonlyMap<string, () => Expr>
  /** The names of the members and variables whose values are numbers. */
  numeric: Set<string>
  /** The controllers around the current element, the outermost first. */
  parents: Parent[]
  /** For each counter element, the statement that increases the counter and the statement that resets it. */
  counts: Map<Element, { count: Stmt; reset: Stmt }>
  /** The statements that reset counters at the beginning of an iteration. */
  resets: Stmt[]
  scripts: ScriptState
  /** The hook to which the current thread group belongs; null for a group of users. */
  hook: 'beforeRun' | 'afterRun' | null
  /** The properties that setUp thread groups set. */
  shared: Set<string>
  /** The data file that each element describes. */
  dataFiles: Map<Element, Feed>
  /** `true` while constants of the plan become variables that `--var` can override. */
  isOpen: boolean
  /** The names of the current thread group and of the current sampler. */
  groupName: string
  samplerName: string
  /** Returns the value of an expression in JEXL, Groovy or JavaScript; null if the expression has no counterpart. */
  evaluate: (plan: Plan, text: string) => Expr | null
  /** The user's field that stores whether the last request succeeded. */
  lastOk: Expr
  /**
   * The number of steps that remain for the import. Each string in which the import replaces variables takes one step, and each module controller
   * takes 1001 steps. If no steps remain, the import fails. The limit exists because variables and modules can contain each other.
   */
  left: number
  folder: string
  prefix: string
  /** The connection settings of each sampler. */
  settings: Settings[]
  /** Comments about the whole plan. */
  notes: Set<string>
  /** Elements that have no counterpart, and already have a comment. These elements do not get a second comment. */
  told: Set<Element>
  /** The elements that module controllers can run, by name. */
  modules: ReadonlyMap<string, Branch>
  /** Variables whose values are computed at each use, with the expressions that compute the values. */
  computed: Map<string, Expr>
}

/** The effects of a plan's scripts on variables and fields. */
export interface ScriptState {
  /**
   * For each variable that scripts set, a list with one item for each assignment. The item is `true` if the assigned value is a number, otherwise
   * `false`.
   */
  puts: Map<string, boolean[]>
  /** The initial values of fields. A field that is missing in this map is initially an empty string. */
  initial: Map<string, Expr>
  /** For each script that became a method, this method. Only scripts that apply to several requests of the current group become methods. */
  methods: Map<Element, Method>
  /** The variables that untranslated parts of scripts set. */
  lostPuts: Set<string>
  /** The text of the untranslated parts of scripts, and of the conditions that are left out. */
  lostText: string
  /** The variables that extractors set. */
  extracted: Set<string>
  /** The user's members that are compared with null in scripts. */
  nullable: Set<string>
}

/** The variable that contains the number of the current pass of a loop. The first pass has the number 0. */
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

/** A data file of the plan, which becomes a feed of the scenario. */
export interface Feed {
  name: string
  path: string
  columns: string[]
  delimiter: string
  isRecycled: boolean
  /** The comment above the statement that declares the feed; null if there is no comment. */
  note: string | null
}

/** Returns a TODO comment for a piece of text that the plan contains. */
export function todoForText({ file, lines }: Plan, text: string, why: string): string {
  const line = lines.findIndex((one) => one.includes(text.replaceAll('"', '&quot;')) || one.includes(text))
  return todoAbout(line === -1 ? file : `${file}:${line + 1}`, text, why)
}

/** Returns a TODO comment for an element. The comment quotes the title of the element, or the element's line in the plan if there is no title. */
export function todoFor(plan: Plan, { line, name, attributes, file }: Element, why: string): string {
  const title = (attributes['testname'] ?? '').trim()
  const written = file === undefined ? (plan.lines[line - 1] ?? '') : ''
  const shown = title === '' ? written : `'${shortened(title, Math.max(20, longestName - name.length - 3))}'`
  return todoAbout(`${file ?? plan.file}:${line}`, `${name} ${shown}`, why)
}
