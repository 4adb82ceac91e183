import type { Entry, Expr, Func, Stmt } from './code.ts'

/** A scenario, whatever it was made from. `writeScenario` turns it into a file. */
export interface ScenarioModel {
  /** Comments at the top of the file, a line each. */
  about: string[]
  /** Constants and functions. What is not used is left out. */
  top: Stmt[]
  classes: UserClass[]
  /** Comments above `export default`, a line each. */
  notes: string[]
  /** `host`, `load`, `thresholds` and the hooks; `users` is added. */
  options: Entry[]
}

export interface UserClass {
  name: string
  /** Another class of the file; default `HttpUser`. */
  base?: string
  /** Not named in `users`. */
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

/** A comment on what was not carried over: where it stands, why, and the line itself. */
export function todo(place: string, line: string, why = ''): string {
  return `TODO ${place}: ${why === '' ? '' : `${why}: `}${line.trim()}`
}
