import type { Entry, Expr, Func, Stmt } from './code.ts'

/** A scenario from any source. `writeScenario` converts it to the text of a file. */
export interface ScenarioModel {
  /** Comments at the top of the file, one line each. */
  about: string[]
  /** Constants and functions. Unused ones are left out. */
  top: Stmt[]
  classes: UserClass[]
  /** Comments above `export default`, one line each. */
  notes: string[]
  /** `host`, `load`, `thresholds` and the hooks; `users` is added. */
  options: Entry[]
}

export interface UserClass {
  name: string
  /** The class that this class extends, if not `HttpUser`. */
  base?: string
  /** Whether the class is left out of `users`. */
  abstract?: boolean
  doc?: string[]
  statics: Field[]
  wait?: Expr
  fields: Field[]
  methods: Method[]
  /** Comments at the end of the class. */
  notes?: string[]
}

export interface Field {
  name: string
  type?: string
  value?: Expr
  /** Comments above it. */
  notes?: string[]
}

export interface Method extends Func {
  /** What `@task` says. */
  task?: { weight: Expr; tags: string[] }
  private?: boolean
}

/** A comment about code that was not translated: its place, the reason, and the code. */
export function todo(place: string, line: string, why = ''): string {
  return `TODO ${place}: ${why === '' ? '' : `${why}: `}${line.trim()}`
}

/** A comment about a named part of a document, such as an option or a field: its place, its name, and the reason. */
export function todoAbout(place: string, name: string, why = ''): string {
  const text = name.trim()
  // Long comments are cut at their end, and the reason must stay.
  const shown = text.length > 100 ? `${text.slice(0, 99)}…` : text
  return [`TODO ${place}`, shown, why].filter((part) => part !== '').join(': ')
}
