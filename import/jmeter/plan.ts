import type { Settings } from '../requests/settings.ts'
import { todoAbout } from '../scenario/model.ts'
import type { Expr } from '../scenario/code.ts'
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
  usesIteration: boolean
  /** The number of variables that may still be replaced. The limit exists because variables can contain each other. */
  left: number
  folder: string
  prefix: string
  /** The connection settings of the samplers. */
  settings: Settings[]
  /** Comments about the whole plan. */
  notes: Set<string>
  /** Elements that have no counterpart and already have a comment, so that no second comment is added. */
  told: Set<Element>
  /** The elements that module controllers can run, by name. */
  modules: ReadonlyMap<string, Branch>
  /** Variables whose values are computed at each use: the expression for each name. */
  computed: Map<string, Expr>
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
export function todoFor({ file, lines }: Plan, { line, name, attributes }: Element, why: string): string {
  const title = attributes['testname'] ?? lines[line - 1] ?? name
  return todoAbout(`${file}:${line}`, `${name} ${title}`, why)
}
