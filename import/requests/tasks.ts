import {
  type Entry,
  type Expr,
  type Stmt,
  burst,
  call,
  comment,
  expression,
  member,
  method,
  num,
  self,
  str,
} from '../scenario/code.ts'
import type { Field, Method, ScenarioModel, UserClass } from '../scenario/model.ts'
import { Names, memberName } from '../scenario/names.ts'
import { some } from '../scenario/walk.ts'
import { type ImportedRequest, type Pair, type Text, textExpr } from './request.ts'
import { requestStmts, sleepStmt } from './statement.ts'
import { type Target, baseInWords, hostKey, targetOf } from './url.ts'

/** A task: requests that a user sends in order. */
export interface Visit {
  name: string
  /** The sentence in the comment above the task. */
  doc?: string | undefined
  steps: readonly Step[]
}

interface Step {
  request: ImportedRequest
  /** The pause before the request, in seconds. */
  pause?: number
}

export interface Plan {
  className: string
  /** The requests that each user sends once, in `onStart`. */
  start: readonly Visit[]
  tasks: readonly Visit[]
  fields: readonly Field[]
  /** The names of the members that the user class already has. */
  names: Names
  /** The shortest and the longest pause between tasks, in seconds. */
  wait: readonly [low: number, high: number]
  /** The host, if it does not depend on the requests. */
  host?: string
  about?: readonly string[]
  notes?: readonly string[]
  /** Options of the scenario in addition to `host`. */
  options?: readonly Entry[]
  /** Returns additional methods, and statements at the top of the file. */
  levels?: (place: { host: string; base: string; names: Names }) => readonly { methods: Method[]; top: Stmt[] }[]
}

/** Makes a scenario from requests. The scenario has one user class. */
export function modelOf(plan: Plan): ScenarioModel {
  const all = [...plan.start, ...plan.tasks].flatMap(({ steps }) => steps.map(({ request }) => request))
  const common = commonHost(all)
  const host = plan.host ?? common.origin
  const shared = sharedHeaders(all)
  const own = { host, base: hostKey(common), shared: new Set(shared.map(({ name }) => name)), names: plan.names }
  const start = startOf(plan, shared, own)
  const levels = plan.levels?.({ ...own, names: new Names() }) ?? []
  const one: UserClass = {
    name: plan.className,
    statics: [],
    wait: waitOf(plan.wait),
    fields: [...plan.fields],
    methods: [...start, ...plan.tasks.map((visit) => taskOf(visit, own)), ...levels.flatMap(({ methods }) => methods)],
  }
  return {
    about: [...(plan.about ?? [])],
    top: levels.flatMap(({ top }) => top),
    classes: [one],
    notes: [...hostNotes(common), ...(plan.notes ?? [])],
    options: [...(host === '' ? [] : [{ key: 'host', value: str(host) }]), ...(plan.options ?? [])],
  }
}

function waitOf([low, high]: readonly [number, number]): Expr {
  return low === high ? call(burst('constant'), num(low)) : call(burst('between'), num(low), num(high))
}

/**
 * Returns a comment about a host that consists of variables and text, such as `<name>.example.com`. If the host is a single variable, returns no
 * comment, because burst refuses a run without a host and says how to set it.
 */
function hostNotes({ base }: Target): string[] {
  return base.length > 1 ? [`TODO set the host with -H: ${baseInWords(base)}`] : []
}

interface Own {
  host: string
  base: string
  shared: ReadonlySet<string>
  names: Names
}

function taskOf(visit: Visit, own: Own): Method {
  return {
    name: own.names.take(memberName(visit.name)),
    params: [],
    async: true,
    body: visitStmts(visit, own),
    task: { weight: num(1), tags: [] },
    ...(visit.doc !== undefined && { doc: [visit.doc] }),
  }
}

function startOf({ start }: Plan, shared: readonly Pair[], own: Own): Method[] {
  const headers = headerStmts(shared)
  const names = new Names()
  const body = [...headers, ...start.flatMap((visit) => visitStmts(visit, own, names))]
  return body.length === 0 ? [] : [{ name: 'onStart', params: [], async: true, body }]
}

/** Returns the statements that set headers for all requests of a user. */
export function headerStmts(headers: readonly Pair[]): Stmt[] {
  return headers.flatMap(({ name, value, comment: about }) => [
    ...(about === undefined ? [] : [comment(about)]),
    expression(method(member(member(self, 'http'), 'headers'), 'set', str(name), textExpr(value))),
  ])
}

function visitStmts({ steps }: Visit, { host, base, shared }: Own, names = new Names()): Stmt[] {
  return steps.flatMap(({ request, pause }) => [
    ...(pause === undefined ? [] : [sleepStmt(pause)]),
    ...requestStmts(
      { ...request, headers: request.headers.filter(({ name }) => !shared.has(name)) },
      { host, base, names },
    ),
  ])
}

/** Returns the host with the most requests. If several hosts have equally many requests, returns the first of them. */
export function commonHost(requests: readonly ImportedRequest[]): Target {
  const counts = new Map<string, { target: Target; count: number }>()
  for (const target of requests.map(({ url }) => targetOf(url))) {
    const key = hostKey(target)
    if (key !== '') counts.set(key, { target, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  const [first] = [...counts.values()].toSorted((a, b) => b.count - a.count)
  return first?.target ?? { origin: '', base: [], path: [], query: [], login: null }
}

/**
 * Returns the headers that all requests have with the same constant value. A variable of the command line is also constant. The scenario sets these
 * headers once for each user. Leaves out repeated headers, `content-type`, `referer` and `origin`. Returns an empty list for fewer than two requests.
 */
export function sharedHeaders(requests: readonly ImportedRequest[]): Pair[] {
  const [first, second] = requests
  if (!first || !second) return []
  const keys = requests.map(({ headers }) => new Set(headers.map(headerKey)))
  return first.headers.filter((header) => {
    const isOne = first.headers.filter(({ name }) => name === header.name).length === 1
    const isFree = !/^content-type$|^referer$|^origin$/i.test(header.name)
    return isOne && isFree && isFixed(header.value) && keys.every((known) => known.has(headerKey(header)))
  })
}

/** Returns true for a constant, and for a variable of the command line. */
function isFixed(value: Text): boolean {
  return value.every((part) => typeof part === 'string' || isVariable(part))
}

/** Returns true for `this.vars.name ?? ''`, a variable of the command line. */
function isVariable(expr: Expr): boolean {
  return (
    expr.k === 'binary' &&
    expr.op === '??' &&
    expr.left.k === 'index' &&
    some(expr.left, (one) => one.k === 'member' && one.name === 'vars')
  )
}

function headerKey({ name, value }: Pair): string {
  return JSON.stringify([name, isFixed(value) ? value : null])
}

/**
 * Returns the words for the name of a task that sends one request: `get products`, `post cart`. Uses at most the last three segments of the path,
 * without ids. Returns `home` for `GET /`.
 */
export function requestName(verb: string, path: string): string {
  const words = path.split('/').filter((word) => word !== '' && !/^[\d:]|\d{3}|^[\da-f-]{16,}$/i.test(word))
  if (words.length === 0 && verb.toUpperCase() === 'GET' && path === '/') return 'home'
  return `${verb.toLowerCase()} ${words.slice(-3).join(' ')}`
}
