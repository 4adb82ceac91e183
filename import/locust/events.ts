import { type Entry, type Stmt, array, arrow, str } from '../scenario/code.ts'
import { Names } from '../scenario/names.ts'
import { awaits } from '../scenario/walk.ts'
import { localNames } from './classes/params.ts'
import { tidied } from './classes/tidied.ts'
import { todoFor } from './code/context.ts'
import { everyPy, planOf } from './code/declarations.ts'
import { block } from './code/translator.ts'
import { type Type, any, number, text } from './code/value-types.ts'
import type { Frame, Module } from './frame.ts'
import { dottedName } from './python/names.ts'
import type { Py, PyFunction, PyStmt } from './python/syntax.ts'

interface Listener {
  event: string
  fn: PyFunction & { at: number; from: number; to: number }
}

/** Returns the functions that listen to a Locust event. A decorator, `add_listener(fn)` or `+=` registers such a function. */
export function listenersOf(module: Module): Listener[] {
  const found: Listener[] = []
  for (const fn of module.functions.values()) {
    const event = fn.decorators.map((one) => eventOf(one.t === 'call' ? one.of : one)).find((name) => name !== null)
    if (event) found.push({ event, fn })
  }
  for (const stmt of module.rest) {
    const [event, name] = registered(stmt)
    const fn = name === undefined ? undefined : module.functions.get(name)
    if (event && fn) found.push({ event, fn })
  }
  return found
}

/** `events.x.add_listener` */
function eventOf(py: Py): string | null {
  const [, name] = /^(?:locust\.)?(?:\w+\.)?events\.(\w+)\.add_listener$/.exec(dottedName(py) ?? '') ?? []
  return name ?? null
}

function registered(stmt: PyStmt): [string?, string?] {
  if (stmt.t === 'update' && stmt.op === '+') {
    const [, name] = /^events\.(\w+)$/.exec(dottedName(stmt.target) ?? '') ?? []
    return name === undefined ? [] : [name, dottedName(stmt.value) ?? '']
  }
  if (stmt.t !== 'expr' || stmt.of.t !== 'call') return []
  const event = eventOf(stmt.of.of)
  return event === null ? [] : [event, dottedName(stmt.of.args[0] ?? stmt.of) ?? '']
}

/** Returns true if a statement only registers a listener. */
export function isRegistration(stmt: PyStmt): boolean {
  return registered(stmt)[0] !== undefined
}

export interface Hooks {
  options: Entry[]
  notes: string[]
}

/** Translates listeners to thresholds and hooks. A listener without a counterpart becomes a TODO. */
export function hooksOf(module: Module, listeners: readonly Listener[]): Hooks {
  const hooks: Hooks = { options: [], notes: [] }
  const bodies = new Map<string, { params: string[]; body: Stmt[] }>()
  const thresholds: string[] = []
  for (const { event, fn } of listeners) {
    const found = ['quitting', 'test_stop', 'quit'].includes(event) ? thresholdsIn(fn.body) : null
    if (found) thresholds.push(...found)
    else if (event === 'init_command_line_parser') addOptions(module, fn)
    else if (Object.hasOwn(hookNames, event)) addHook(module, bodies, hookNames[event] as string, fn)
    else if (fn.body.some(({ t }) => t !== 'pass' && t !== 'comment')) hooks.notes.push(noteOf(module, fn, event))
  }
  if (thresholds.length > 0) hooks.options.push({ key: 'thresholds', value: array([...new Set(thresholds)].map(str)) })
  for (const [key, { params, body }] of bodies) {
    if (body.length > 0)
      hooks.options.push({
        key,
        value: arrow(
          params.length > 0 ? [{ name: { object: params.map((name) => [name, name] as const) } }] : [],
          body,
          key !== 'onRequest' || awaits(body),
        ),
      })
  }
  return hooks
}

const hookNames: Readonly<Record<string, string>> = {
  test_start: 'beforeRun',
  test_stop: 'afterRun',
  request: 'onRequest',
  request_success: 'onRequest',
  request_failure: 'onRequest',
}

/** Reads the command-line options that a listener declares, and adds these options to `module.options`. */
function addOptions(module: Module, fn: PyFunction): void {
  for (const stmt of fn.body) {
    const py = stmt.t === 'expr' && stmt.of.t === 'call' ? stmt.of : null
    // As in argparse, the first long flag names the option.
    const flag = py?.args.find((arg) => arg.t === 'str' && arg.value.startsWith('--'))
    if (!py || flag?.t !== 'str') continue
    const name = flag.value.slice(2).replaceAll('-', '_')
    module.options.set(name, py.named.find((one) => one.name === 'default')?.value ?? null)
  }
}

function noteOf(module: Module, fn: Listener['fn'], event: string): string {
  const note = todoFor(
    { module },
    { at: fn.at, from: fn.from, to: fn.from + firstLine(module, fn).length },
    `burst has no event for ${event}`,
  )
  return note.k === 'comment' ? note.text : ''
}

function firstLine(module: Module, { from, to }: Listener['fn']): string {
  return module.source.text.slice(from, to).split('\n')[0] ?? ''
}

const ofRequest: Readonly<Record<string, [name: string, type: Type]>> = {
  request_type: ['method', text],
  name: ['name', text],
  response_time: ['latencyMs', number],
  exception: ['error', any],
  url: ['url', text],
}

function addHook(
  module: Module,
  bodies: Map<string, { params: string[]; body: Stmt[] }>,
  hook: string,
  fn: Listener['fn'],
): void {
  const known = bodies.get(hook) ?? { params: [], body: [] }
  const frame: Frame = {
    module,
    self: null,
    scope: new Map(),
    names: new Names(localNames(module)),
    plan: planOf(fn.body),
    before: [],
    judged: null,
    isText: false,
    isTask: true,
    returns: undefined,
  }
  for (const { name } of fn.params) {
    const field = hook === 'onRequest' && Object.hasOwn(ofRequest, name) ? ofRequest[name] : undefined
    if (field) frame.scope.set(name, { name: field[0], type: field[1] })
    else frame.scope.set(name, { name: 'run', type: { kind: name === 'environment' ? 'environment' : 'lost' } })
  }
  const body = [...changes(module, hook, fn), ...tidied(block(fn.body, frame, true))]
  const names = Object.values(ofRequest).map(([name]) => name)
  const used = new Set(JSON.stringify(body).match(/(?<="k":"id","name":")\w+/g))
  const params = [
    ...new Set([...known.params, ...names.filter((name) => used.has(name)), ...(used.has('host') ? ['host'] : [])]),
  ]
  bodies.set(hook, { params, body: [...known.body, ...body] })
}

const changing = /^(?:append|appendleft|extend|insert|put|put_nowait|add|update|setdefault)$/

/** Adds a TODO if `test_start` changes a constant of the file. `beforeRun` runs only once, but each worker has its own copy of the constant. */
function changes(module: Module, hook: string, fn: Listener['fn']): Stmt[] {
  if (hook !== 'beforeRun') return []
  const why = 'the users do not see this change; return the value from beforeRun, and read this.data'
  let found: Stmt | null = null
  everyPy(fn.body, (py) => {
    if (py.t !== 'call' || py.of.t !== 'attr' || py.of.of.t !== 'name') return
    if (changing.test(py.of.name) && module.constants.has(py.of.of.id)) found ??= todoFor({ module }, py, why)
  })
  const assigned = fn.body.find((stmt) => stmt.t === 'global')
  if (assigned) found ??= todoFor({ module }, assigned, why)
  return found ? [found] : []
}

/**
 * Translates `if environment.stats.total.fail_ratio > 0.01: … environment.process_exit_code = 1` to thresholds. Skips `pass`, comments, assignments
 * and expressions. Returns null if the body contains any other statement, or does not contain a threshold.
 */
function thresholdsIn(body: readonly PyStmt[]): string[] | null {
  const found: string[] = []
  for (const stmt of body) {
    if (stmt.t === 'if') {
      const own = stmt.arms.map(({ test }) => thresholdOf(test))
      if (own.some((one) => one === null) || !JSON.stringify(stmt).includes('process_exit_code')) return null
      found.push(...(own as string[]))
    } else if (!['pass', 'comment', 'assign', 'expr'].includes(stmt.t)) return null
  }
  return found.length > 0 ? found : null
}

function thresholdOf(test: Py): string | null {
  const [only] = test.t === 'compare' ? test.rest : []
  if (test.t !== 'compare' || test.rest.length > 1 || only?.right.t !== 'num' || !['>', '>='].includes(only.op))
    return null
  const { value: limit } = only.right
  const path = (dottedName(test.first.t === 'call' ? test.first.of : test.first) ?? '').split('.').at(-1) ?? ''
  if (path === 'fail_ratio') return `errors < ${inPercent(limit)}%`
  const measure = Object.hasOwn(measures, path) ? measures[path] : percentileOf(path, test.first)
  return measure ? `${measure} < ${limit}ms` : null
}

const measures: Readonly<Record<string, string>> = {
  avg_response_time: 'avg',
  max_response_time: 'max',
  median_response_time: 'p50',
}

/** Returns the percentile of a threshold, such as `p95` for `get_response_time_percentile(0.95)`. */
function percentileOf(path: string, call: Py): string | null {
  const [share] = call.t === 'call' ? call.args : []
  const isPercentile = path === 'get_response_time_percentile' || path === 'get_current_response_time_percentile'
  return isPercentile && share?.t === 'num' ? `p${inPercent(share.value)}` : null
}

function inPercent(share: number): number {
  return Number((share * 100).toPrecision(6))
}
