import type { Entry, Expr, Field, Method, Stmt } from './code.ts'

export type { Field, Method } from './code.ts'

/** A scenario that an importer has made. `writeScenario` converts it to the text of a file. */
export interface ScenarioModel {
  /** Comments at the top of the file, one line each. */
  about: string[]
  /** Constants, functions and classes, with their comments. The writer leaves out declarations that no code uses. */
  top: Stmt[]
  classes: UserClass[]
  /** Comments above `export default`, one line each. */
  notes: string[]
  /** The options of the scenario, such as `host`, `load` and `thresholds`. The writer adds the option `users`. */
  options: Entry[]
}

export interface UserClass {
  name: string
  /** The class that this class extends. Default: `HttpUser`. */
  base?: string
  /** `true` if the class is left out of `users`. */
  abstract?: boolean
  doc?: string[]
  statics: Field[]
  wait?: Expr
  fields: Field[]
  methods: Method[]
  /** Comments at the end of the class. */
  notes?: string[]
}

/** Returns a comment about code that was not translated. The comment contains the place of the code, the reason, and the code. */
export function todo(place: string, line: string, why = ''): string {
  return `TODO ${place}: ${why === '' ? '' : `${why}: `}${line.trim()}`
}

/** The maximum length of a name in a comment, in characters. */
export const longestName = 100

/** Returns a comment about a named part of a document, such as an option or a field. The comment contains the place, the name and the reason. */
export function todoAbout(place: string, name: string, why = ''): string {
  // A long comment is cut at its end. Long names are shortened here, so that the reason, which follows the name, is not cut off.
  return [`TODO ${place}`, shortened(name.trim(), longestName), why].filter((part) => part !== '').join(': ')
}

/** Returns a string of at most `most` characters. An ellipsis replaces the end of a longer string. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
