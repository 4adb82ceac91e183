import type { Settings } from '../requests/settings.ts'
import { todoAbout } from '../scenario/model.ts'
import type { Element } from './xml.ts'

/** The state while a plan is read. */
export interface Plan {
  file: string
  lines: readonly string[]
  /** Constants that the plan defines, by name. */
  constants: Map<string, string>
  /** Variables that extractors set: the names of the user's fields. */
  fields: Map<string, string>
  /** Columns of data files: the names of the feeds. */
  columns: Map<string, string>
  feeds: Map<string, Feed>
  usesIteration: boolean
  /** The number of variables that may still be replaced. The limit exists because variables can contain each other. */
  left: number
  folder: string
  prefix: string
  /** How the samplers connect. */
  settings: Settings[]
  /** Comments about the whole plan. */
  notes: Set<string>
}

/** A data file. */
export interface Feed {
  name: string
  path: string
  columns: string[]
  delimiter: string
  isRecycled: boolean
  /** A comment above it. */
  note: string | null
}

/** A TODO comment for an element. */
export function todoFor({ file, lines }: Plan, { line, name, attributes }: Element, why: string): string {
  const title = attributes['testname'] ?? lines[line - 1] ?? name
  return todoAbout(`${file}:${line}`, `${name} ${title}`, why)
}
