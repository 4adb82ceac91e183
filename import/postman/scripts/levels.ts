import { type Check, type Place, type RequestScript, textExpr } from '../../requests/request.ts'
import { checksExpr } from '../../requests/statement.ts'
import {
  type Method,
  type Stmt,
  awaited,
  constant,
  expression,
  id,
  member,
  method,
  self,
  str,
} from '../../scenario/code.ts'
import { todo } from '../../scenario/model.ts'
import { type Names, camelCase } from '../../scenario/names.ts'
import { some } from '../../scenario/walk.ts'
import type { Variables } from '../variables.ts'
import { headerIn, preparedStmts, withoutHeaders } from './prepared.ts'
import type { Source, Sources } from './reading.ts'
import { afterStmts, checksOf, hasEffect } from './script.ts'
import type { SendPlace } from './sending.ts'

/** The scripts of the collection or of a folder. They run for each request in this collection or folder. */
export interface Level {
  /** The name of the method that runs before each request; empty if the scripts run no code before a request. */
  before: string
  /** The name of the constant that contains the checks of each request; empty if the requests share no checks. */
  common: string
  /**
   * Empty if no check uses `this` (the user). Otherwise all checks of the scripts: requests cannot share checks that use `this`, so each request
   * contains a copy of all checks.
   */
  checks: readonly Check[]
  notes: readonly string[]
  /** Returns the method `before`, and the statement that declares the constant `common` at the top of the file. */
  write: (place: Place) => LevelCode
}

interface LevelCode {
  methods: Method[]
  top: Stmt[]
}

/** Translates the scripts of the collection and of its folders. */
export function levelsOf(outer: ReadonlyMap<string, Sources>, variables: Variables, names: Names): Map<string, Level> {
  return new Map([...outer].map(([place, sources]) => [place, levelOf(place, sources, { variables, names })]))
}

interface LevelPlace {
  variables: Variables
  names: Names
}

function levelOf(place: string, { before, tests, todos }: Sources, { variables, names }: LevelPlace): Level {
  const folder = place.includes(': ') ? (place.split(/ \/ |: /).at(-1) ?? '') : ''
  const send: SendPlace = { variables, name: '', method: '', host: '', base: '' }
  const judged = tests.map((source) => ({ source, ...checksOf(source, send) }))
  const checks = judged.flatMap((one) => one.checks)
  const isOwn = some(checks, ({ k }) => k === 'this')
  const methodName = before.length === 0 ? '' : names.take(camelCase(`before ${folder} request`))
  const common =
    checks.length === 0 || isOwn ? '' : names.take(camelCase(`checks of ${folder === '' ? 'each request' : folder}`))
  const others = tests.filter((source) =>
    afterStmts(source, send, { response: id('response'), isWhole: true }).some(hasEffect),
  )
  return {
    before: methodName,
    common,
    checks: isOwn ? checks : [],
    notes: [
      ...todos,
      ...judged.flatMap((one) => one.notes),
      ...others.map(({ text }) =>
        todo(place, text.replaceAll(/\s+/g, ' ').slice(0, 120), 'set these variables at each request'),
      ),
    ],
    write: ({ host, base }) => ({
      methods: methodName === '' ? [] : [beforeMethod(methodName, before, { ...send, host, base: base ?? '' })],
      top: common === '' ? [] : [checksStmt(common, checks)],
    }),
  }
}

function beforeMethod(name: string, sources: readonly Source[], place: SendPlace): Method {
  const stmts = sources.flatMap((source) => preparedStmts(source, place))
  const headers = stmts.flatMap((stmt) => headerIn(stmt) ?? [])
  const ofUser = member(member(self, 'http'), 'headers')
  const set = headers.map((header) => expression(method(ofUser, 'set', str(header.name), textExpr(header.value))))
  return { name, params: [], async: true, body: [...withoutHeaders(stmts), ...set] }
}

function checksStmt(name: string, checks: readonly Check[]): Stmt {
  return constant(name, checksExpr(checks), 'Record<string, (response: Response) => boolean>')
}

/** Adds the scripts of the collection and of the folders around a request to the scripts of the request. */
export function withLevels(script: RequestScript, levels: readonly Level[]): RequestScript {
  const calls = levels.flatMap(({ before }) => (before === '' ? [] : [expression(awaited(method(self, before)))]))
  return {
    ...script,
    before: [...calls, ...script.before],
    checks: [...levels.flatMap(({ checks }) => checks), ...script.checks],
    common: levels.flatMap(({ common }) => (common === '' ? [] : [id(common)])),
  }
}
