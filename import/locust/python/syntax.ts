/** The part of Python's syntax that burst translates. `at` is the line in the file; the first line is 1. */
export type Py = { at: number; from: number; to: number } & PyNode

type PyNode =
  | { t: 'name'; id: string }
  | { t: 'str'; value: string; bytes: boolean }
  | { t: 'fstr'; parts: FormatPart[] }
  | { t: 'num'; value: number }
  | { t: 'bool'; value: boolean }
  | { t: 'none' }
  | { t: 'ellipsis' }
  | { t: 'list'; items: Py[] }
  | { t: 'tuple'; items: Py[] }
  | { t: 'set'; items: Py[] }
  | { t: 'dict'; entries: { key: Py | null; value: Py }[] }
  | { t: 'attr'; of: Py; name: string }
  | { t: 'sub'; of: Py; index: Py }
  | { t: 'slice'; start: Py | null; end: Py | null; step: Py | null }
  /** `judges`: the variable of a response that the called function marks as failed or successful. */
  | { t: 'call'; of: Py; args: Py[]; named: Named[]; judges?: string }
  | { t: 'binary'; op: string; left: Py; right: Py }
  | { t: 'compare'; first: Py; rest: { op: string; right: Py }[] }
  | { t: 'logic'; op: 'and' | 'or'; left: Py; right: Py }
  | { t: 'unary'; op: string; of: Py }
  | { t: 'cond'; test: Py; yes: Py; no: Py }
  | { t: 'lambda'; params: PyParam[]; body: Py }
  | { t: 'each'; kind: 'list' | 'set' | 'dict' | 'generator'; item: Py; key: Py | null; loops: Loop[] }
  | { t: 'star'; of: Py }
  | { t: 'walrus'; name: Py; value: Py }
  | { t: 'other'; what: string }

export interface FormatPart {
  text?: string
  value?: Py
  /** The format after the colon in an f-string, for example `.2f`. */
  spec?: string
}

/** A named argument `name=value`. If `name` is null, the argument is `**value`. */
export interface Named {
  name: string | null
  value: Py
}

export interface Loop {
  target: Py
  of: Py
  tests: Py[]
}

export interface PyParam {
  name: string
  /** The kind `options` stands for a `**` parameter that the function passes to requests. */
  kind: 'plain' | 'list' | 'dict' | 'options'
  type: Py | null
  value: Py | null
}

export type PyStmt = { at: number; from: number; to: number } & PyStmtNode

export interface PyFunction {
  name: string
  params: PyParam[]
  body: PyStmt[]
  decorators: Py[]
  doc: string | null
}

type PyStmtNode =
  | { t: 'expr'; of: Py }
  | { t: 'assign'; targets: Py[]; value: Py | null }
  | { t: 'update'; target: Py; op: string; value: Py }
  | { t: 'if'; arms: { test: Py; body: PyStmt[] }[]; otherwise: PyStmt[] }
  | { t: 'for'; target: Py; of: Py; body: PyStmt[]; otherwise: PyStmt[] }
  | { t: 'while'; test: Py; body: PyStmt[]; otherwise: PyStmt[] }
  | {
      t: 'try'
      body: PyStmt[]
      arms: { types: Py[]; name: string | null; body: PyStmt[] }[]
      otherwise: PyStmt[]
      last: PyStmt[]
    }
  | { t: 'with'; items: { value: Py; name: Py | null }[]; body: PyStmt[] }
  | { t: 'return'; of: Py | null }
  | { t: 'raise'; of: Py | null }
  /** `yield of`, or `yield from of` if `all` is true. */
  | { t: 'yield'; of: Py | null; all: boolean }
  | { t: 'pass' }
  | { t: 'break' }
  | { t: 'continue' }
  | { t: 'def'; fn: PyFunction }
  | { t: 'class'; name: string; bases: Py[]; decorators: Py[]; body: PyStmt[]; doc: string | null }
  | { t: 'import'; names: { path: string; as: string }[] }
  | { t: 'global'; names: string[] }
  | { t: 'delete'; of: Py[] }
  | { t: 'assert'; test: Py; message: Py | null }
  | { t: 'comment'; text: string }
  | { t: 'unknown'; what: string }

/** The call of a function or method. */
export type Call = Extract<Py, { t: 'call' }>
