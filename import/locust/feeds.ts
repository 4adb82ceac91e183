import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Expr, type Stmt, array, burst, call, constant, method, snippet, str } from '../scenario/code.ts'
import { everyPy, somePy } from './code/declarations.ts'
import { text } from './code/value-types.ts'
import type { FeedName, Module } from './frame.ts'
import { isLog } from './http/expectations.ts'
import { filePath } from './library/paths.ts'
import { dataPath } from './module.ts'
import { dottedName } from './python/names.ts'
import type { Py, PyStmt } from './python/syntax.ts'

/** A variable of the locustfile that holds the rows of a CSV file. */
export interface CsvRows {
  name: string
  path: string
  /** `true` if a row maps column names to values; `false` if a row is a list of values. */
  isByName: boolean
  hasHeader: boolean
}

/** If a statement at the top of the locustfile reads a CSV file into a variable, returns this variable. Otherwise, returns null. */
export function csvRows(module: Module, stmt: PyStmt): CsvRows | null {
  const target = stmt.t === 'assign' ? stmt.targets[0] : null
  const called =
    stmt.t === 'assign' && stmt.value?.t === 'call' && stmt.value.of.t === 'name'
      ? module.functions.get(stmt.value.of.id)
      : undefined
  const piece: unknown = called ? [called.body, stmt] : stmt
  const reader = readerIn(module, piece)
  const path = pathIn(module, piece)
  if (reader === null || path === null) return null
  const name = target?.t === 'name' ? target.id : stmt.t === 'with' ? filledIn(stmt) : null
  if (name === null) return null
  const isByName = reader === 'csv.DictReader'
  return {
    name,
    path,
    isByName,
    hasHeader: isByName || somePy(piece, (py) => py.t === 'call' && dottedName(py.of) === 'next'),
  }
}

function readerIn(module: Module, piece: unknown): string | null {
  let found: string | null = null
  everyPy(piece, (py) => {
    if (py.t !== 'call') return
    const [first = '', ...rest] = (dottedName(py.of) ?? '').split('.')
    const path = [module.imports.get(first) ?? first, ...rest].join('.')
    if (path === 'csv.DictReader' || path === 'csv.reader') found = path
  })
  return found
}

function pathIn(module: Module, piece: unknown): string | null {
  let found: string | null = null
  everyPy(piece, (py) => {
    if (py.t !== 'call' || calledName(py) !== 'open') return
    const file = py.of.t === 'attr' ? py.of.of : py.args[0]
    const path = file && filePath(file, { module })
    if (path) found ??= path
  })
  return found ?? textArgument(piece)
}

/** Returns the name of the called function or method. */
function calledName(py: Extract<Py, { t: 'call' }>): string {
  return py.of.t === 'attr' ? py.of.name : (dottedName(py.of) ?? '')
}

/** `load("users.csv")` */
function textArgument(piece: unknown): string | null {
  let found: string | null = null
  everyPy(piece, (py) => {
    if (py.t === 'str' && /\.(?:csv|tsv|txt)$/.test(py.value)) found ??= py.value
  })
  return found
}

/**
 * Returns the name of the list that a `with` block fills by an assignment or with `append`. If the block fills several lists, returns the last of
 * them.
 */
function filledIn(stmt: PyStmt): string | null {
  let found: string | null = null
  const look = (piece: unknown): void => {
    if (typeof piece !== 'object' || piece === null) return
    const one = piece as PyStmt
    const [target] = one.t === 'assign' ? one.targets : []
    if (one.t === 'assign' && target?.t === 'name' && one.value && !isReader(one.value)) found = target.id
    const call = piece as Py
    if (call.t === 'call' && call.of.t === 'attr' && call.of.name === 'append' && call.of.of.t === 'name')
      found = call.of.of.id
    for (const value of Object.values(piece)) if (typeof value === 'object') look(value)
  }
  look(stmt)
  return found
}

function isReader(py: Py): boolean {
  return py.t === 'call' && /(?:DictReader|reader|next)$/.test(dottedName(py.of) ?? '')
}

/**
 * Declares the rows as a feed if the code draws one row at a time, and does not use the rows in any other way. Otherwise, declares the rows as a
 * list.
 */
export function rowsStatement(module: Module, rows: CsvRows, name: string): Stmt {
  const how = drawnHow(module, rows.name)
  const columns = rows.hasHeader ? columnsOf(module, rows) : []
  if (how && columns.length > 0) {
    const feed: FeedName = { name, columns, how, isByName: rows.isByName }
    module.feeds.set(rows.name, feed)
    return constant(name, method(call(burst('csv'), str(dataPath(module, rows.path)), array(columns.map(str))), how))
  }
  module.constants.set(rows.name, {
    name,
    type: { kind: 'list', of: rows.isByName ? { kind: 'row' } : { kind: 'list', of: text } },
  })
  const list: Expr = {
    k: 'call',
    of: snippet(rows.isByName ? 'rowsOf' : 'linesOf'),
    args: [str(dataPath(module, rows.path))],
  }
  return constant(name, rows.hasHeader && !rows.isByName ? method(list, 'slice', { k: 'num', value: 1 }) : list)
}

/**
 * Returns the columns in the first line of the file; an empty list if a column has no name. If the file is missing or empty, returns the column names
 * that the code uses.
 */
function columnsOf(module: Module, { path }: CsvRows): string[] {
  const file = join(module.folder, path)
  const [first = ''] = existsSync(file) ? readFileSync(file, 'utf8').slice(0, 10_000).split(/\r?\n/) : []
  const own = first
    .replace(/^\uFEFF/, '')
    .split(',')
    .map((column) => column.trim().replaceAll(/^"|"$/g, ''))
  if (first !== '') return own.every((column) => column !== '') ? own : []
  const found = new Set<string>()
  everyPy(
    [...module.classes.values()].map(({ body }) => body),
    (py) => {
      if (py.t === 'sub' && py.index.t === 'str' && (py.of.t === 'name' || py.of.t === 'attr') && rowLike(py.of))
        found.add(py.index.value)
    },
  )
  return [...found]
}

function rowLike(of: Py): boolean {
  const name = of.t === 'name' ? of.id : of.t === 'attr' ? of.name : ''
  return /user|row|account|cred|record|line|item|product|data|entry/i.test(name)
}

/** Returns the way in which the code draws rows. Returns null if the code uses the rows in any other way, or in several ways. */
function drawnHow(module: Module, name: string): 'random' | 'unique' | 'sequential' | null {
  const seen = { choice: 0, pop: 0, cycle: 0, tests: 0, all: 0 }
  everyPy(
    [
      ...[...module.classes.values(), ...module.functions.values()].map(({ body }) => body),
      otherStatements(module, name),
    ],
    (py) => {
      if (py.t === 'name' && py.id === name) seen.all++
      if (py.t !== 'call') return
      const [arg] = py.args
      if (dottedName(py.of) === `${name}.pop` && py.args.every((one) => one.t === 'num')) seen.pop++
      if (arg?.t !== 'name' || arg.id !== name) return
      const called = dottedName(py.of)?.split('.').at(-1)
      if (called === 'choice') seen.choice++
      if (called === 'len') seen.tests++
    },
  )
  if (seen.all === 0 || seen.all !== seen.choice + seen.pop + seen.tests) return null
  if (seen.choice > 0 && seen.pop === 0 && seen.tests === 0) return 'random'
  return seen.pop > 0 && seen.choice === 0 ? 'unique' : null
}

/**
 * Returns the statements of the file that may use the rows. Leaves out log messages and the statement that reads the rows. For an assignment to
 * names, returns only the assigned value.
 */
function otherStatements(module: Module, name: string): unknown[] {
  return module.rest
    .filter((stmt) => !isLog(stmt) && csvRows(module, stmt)?.name !== name)
    .map((stmt) => (stmt.t === 'assign' && stmt.targets.every(({ t }) => t === 'name') ? stmt.value : stmt))
}
