import { kindOf } from './classes/kinds.ts'
import { blocksOf, everyPy, somePy } from './code/declarations.ts'
import type { Module, Translator } from './frame.ts'
import { dottedName } from './python/names.ts'
import type { Py, PyStmt } from './python/syntax.ts'
import type { Source } from './python/tree.ts'
import { isGenerator } from './code/yields.ts'
import { usesOf } from './uses.ts'
import { isLockPath } from './python/imported.ts'

export interface Surroundings {
  folder: string
  prefix: string
  translator: Translator
}

/** Sorts the statements of a locustfile. */
export function takeApart(
  source: Source,
  body: readonly PyStmt[],
  { folder, prefix, translator }: Surroundings,
): Module {
  const sorted: Sorted = { source, classes: new Map(), functions: new Map(), rest: [] }
  for (const stmt of body) sort(sorted, stmt)
  const module: Module = {
    ...sorted,
    ...nothingKnown(),
    translator,
    folder,
    prefix,
    uses: usesOf(sorted),
  }
  findImports(module, body)
  findObjectMethods(module)
  findLocks(module)
  findOptions(module)
  findAsynchronous(module)
  module.generators = generatorsOf(module)
  return module
}

type Sorted = Pick<Module, 'source' | 'classes' | 'functions' | 'rest'>

/** Returns the parts of a module that are empty until the locustfile is analysed. */
function nothingKnown(): Omit<Module, keyof Sorted | 'translator' | 'folder' | 'prefix' | 'uses'> {
  return {
    imports: new Map(),
    asynchronous: new Set(),
    generators: new Set(),
    constants: new Map(),
    functionNames: new Map(),
    classNames: new Map(),
    parameters: new Map(),
    feeds: new Map(),
    records: new Map(),
    recordMethods: new Map(),
    objects: new Map(),
    objectMembers: new Map(),
    objectMethods: new Set(),
    locks: new Set(),
    patterns: new Map(),
    paths: new Map(),
    enums: new Set(),
    host: null,
    hosts: new Set(),
    values: new Map(),
    options: new Map(),
    settings: {},
  }
}

function sort(module: Sorted, stmt: PyStmt): void {
  const { at, from, to } = stmt
  if (stmt.t === 'class') module.classes.set(stmt.name, { ...stmt, at, from, to })
  else if (stmt.t === 'def') {
    keepDecorated(module.functions, stmt.fn.name)
    module.functions.set(stmt.fn.name, { ...stmt.fn, at, from, to })
  } else if (!isMain(stmt)) module.rest.push(stmt)
}

/**
 * If `functions` already contains a decorated function with the given name, moves the earlier function to a different key. Listeners of events often
 * share the name `_`, and Locust calls all of them.
 */
function keepDecorated(functions: Sorted['functions'], name: string): void {
  const earlier = functions.get(name)
  if (!earlier || earlier.decorators.length === 0) return
  const key = `${name} at ${earlier.from}`
  functions.set(key, { ...earlier, name: key })
}

/** Returns true for `if __name__ == "__main__":`. Its block runs only with `python locustfile.py`, and `burst debug` serves the same purpose. */
function isMain(stmt: PyStmt): boolean {
  const test = stmt.t === 'if' ? stmt.arms[0]?.test : undefined
  return test?.t === 'compare' && test.first.t === 'name' && test.first.id === '__name__'
}

function findImports(module: Module, body: readonly PyStmt[]): void {
  for (const stmt of body) {
    if (stmt.t === 'import') for (const one of stmt.names) addImport(module, one)
    for (const block of blocksOf(stmt)) findImports(module, block)
    if (stmt.t === 'class') findImports(module, stmt.body)
    if (stmt.t === 'def') findImports(module, stmt.fn.body)
  }
}

/** The names that `from … import *` imports from each module. Only names that locustfiles use are listed. */
const ofModules: Readonly<Record<string, string>> = {
  locust: `HttpUser FastHttpUser User TaskSet SequentialTaskSet LoadTestShape task tag between constant constant_pacing constant_throughput
    events run_single_user`,
  random: 'choice choices getrandbits randint random randrange sample shuffle uniform',
  time: 'monotonic perf_counter sleep time',
  json: 'dumps loads',
  math: 'ceil floor sqrt pow pi',
  datetime: 'date datetime timedelta',
}

function addImport({ imports }: Module, { path, as }: { path: string; as: string }): void {
  if (!path.endsWith('.*')) return void imports.set(as, path)
  const from = path.slice(0, -2)
  const names = Object.hasOwn(ofModules, from) ? (ofModules[from] ?? '').split(/\s+/) : []
  for (const name of names) if (!imports.has(name)) imports.set(name, `${from}.${name}`)
}

function generatorsOf({ classes, functions }: Module): Set<string> {
  const methods = [...classes.values()].flatMap(({ body }) => body.flatMap((one) => (one.t === 'def' ? [one.fn] : [])))
  return new Set([...methods, ...functions.values()].filter(isGenerator).map(({ name }) => name))
}

interface Callable {
  name: string
  body: readonly PyStmt[]
}

function callables(body: readonly PyStmt[]): Callable[] {
  return body.flatMap((stmt) => {
    if (stmt.t === 'def') return [{ name: stmt.fn.name, body: stmt.fn.body }, ...callables(stmt.fn.body)]
    return stmt.t === 'class' ? callables(stmt.body) : []
  })
}

const requestMethods = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'request', 'rest', 'rest_'])

/** Finds the functions that await: they send a request, sleep, or call a function that awaits. */
function findAsynchronous(module: Module): void {
  const all = [
    ...callables([...module.classes.values()].map((one): PyStmt => ({ ...one, t: 'class' }))),
    ...functionsOf(module),
  ]
  for (;;) {
    const size = module.asynchronous.size
    for (const { name, body } of all) if (isAsynchronous(module, body)) module.asynchronous.add(name)
    if (module.asynchronous.size === size) return
  }
}

function functionsOf(module: Module): Callable[] {
  return [...module.functions.values()].flatMap((fn) => [{ name: fn.name, body: fn.body }, ...callables(fn.body)])
}

function isAsynchronous(module: Module, body: readonly PyStmt[]): boolean {
  let found = false
  everyPy(body, (py) => {
    if (py.t === 'call') found ||= isAwaited(module, py.of)
  })
  return found
}

/** Finds the members that are locks, such as `self.lock = threading.Lock()`, including members that the body of a class assigns. */
function findLocks(module: Module): void {
  const look = (piece: unknown): void => {
    if (typeof piece !== 'object' || piece === null) return
    const stmt = piece as PyStmt
    if (stmt.t === 'assign' && stmt.value?.t === 'call') {
      const [first = '', ...rest] = (dottedName(stmt.value.of) ?? '').split('.')
      const isLock = isLockPath([module.imports.get(first) ?? first, ...rest].join('.'))
      for (const target of isLock ? stmt.targets : [])
        module.locks.add(target.t === 'attr' ? `.${target.name}` : target.t === 'name' ? `.${target.id}` : '')
    }
    for (const value of Object.values(piece)) look(value)
  }
  look([...module.classes.values()].map(({ body }) => body))
}

/** The names of methods that strings, lists, dictionaries, files or clients have. */
const ofValues = new Set(
  `${[...requestMethods].join(' ')} add append clear close copy count extend find format get index insert items join json keys lower pop
  read remove replace search sort split strip update upper values write`.split(/\s+/),
)

function findObjectMethods(module: Module): void {
  for (const one of module.classes.values()) {
    if (kindOf(module, one) !== 'other') continue
    for (const stmt of one.body)
      if (stmt.t === 'def' && !ofValues.has(stmt.fn.name)) module.objectMethods.add(stmt.fn.name)
  }
}

/** Finds the functions that pass their `**` parameter to a request, or to another such function. */
function findOptions(module: Module): void {
  const inClasses = [...module.classes.values()].flatMap(({ body }) =>
    body.flatMap((one) => (one.t === 'def' ? [one.fn] : [])),
  )
  const all = [...inClasses, ...module.functions.values()]
  const takers = new Set<string>()
  for (;;) {
    const size = takers.size
    for (const { name, params, body } of all) {
      const rest = params.find(({ kind }) => kind === 'dict')
      if (!rest || !somePy(body, (py) => py.t === 'call' && passes(py, rest.name, takers))) continue
      rest.kind = 'options'
      takers.add(name)
    }
    if (takers.size === size) return
  }
}

/**
 * Returns true for `self.client.get(path, **kwargs)`. Also returns true if the call passes `**kwargs` to a function whose `**` parameter goes to a
 * request.
 */
function passes({ of, named }: Extract<Py, { t: 'call' }>, rest: string, takers: ReadonlySet<string>): boolean {
  if (!named.some(({ name, value }) => name === null && value.t === 'name' && value.id === rest)) return false
  if (of.t === 'name') return takers.has(of.id)
  return of.t === 'attr' && ((isClient(of.of) && requestMethods.has(of.name)) || takers.has(of.name))
}

/** Returns true if calls of this function are awaited. */
export function isAwaited(module: Module, of: Py): boolean {
  if (of.t === 'name') {
    const path = module.imports.get(of.id)
    return module.functions.has(of.id) ? module.asynchronous.has(of.id) : path !== undefined && sleeps.has(path)
  }
  if (of.t !== 'attr') return false
  if (isClient(of.of) && requestMethods.has(of.name)) return true
  const [first = '', ...rest] = (dottedName(of) ?? '').split('.')
  if (sleeps.has([module.imports.get(first) ?? first, ...rest].join('.'))) return true
  if (['rest', 'rest_', 'wait'].includes(of.name) && isSelf(of.of)) return true
  return (isOwner(module, of.of) || module.objectMethods.has(of.name)) && module.asynchronous.has(of.name)
}

/** Returns the names of the variables that hold the response to a request. */
export function responseNames(piece: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof piece !== 'object' || piece === null) return found
  const stmt = piece as PyStmt
  if (stmt.t === 'assign' && isRequest(stmt.value))
    for (const target of stmt.targets) if (target.t === 'name') found.add(target.id)
  if (stmt.t === 'with')
    for (const { value, name } of stmt.items) if (name?.t === 'name' && isRequest(value)) found.add(name.id)
  for (const value of Object.values(piece)) if (typeof value === 'object') responseNames(value, found)
  return found
}

function isRequest(py: Py | null): boolean {
  return py?.t === 'call' && py.of.t === 'attr' && isClient(py.of.of) && requestMethods.has(py.of.name)
}

function isSelf(py: Py): boolean {
  return py.t === 'name' && py.id === 'self'
}

/** Returns true for a value whose methods are in the file: `self`, `super()`, `self.user`, or a class. */
function isOwner(module: Module, py: Py): boolean {
  if (py.t === 'call') return dottedName(py.of) === 'super'
  if (py.t !== 'name') return /^self\.(user|parent|locust)$/.test(dottedName(py) ?? '')
  return !module.imports.has(py.id) && (py.id === 'self' || module.classes.has(py.id))
}

/** Functions that wait and do not send a request. */
export const sleeps = new Set(['time.sleep', 'gevent.sleep', 'asyncio.sleep'])

/** Returns true for `self.client`, `l.client`, `self.user.client`, or a variable called `client`, `session_client` or `http_client`. */
function isClient(py: Py): boolean {
  if (py.t === 'attr') return py.name === 'client' && (py.of.t === 'name' || py.of.t === 'attr')
  return py.t === 'name' && ['client', 'session_client', 'http_client'].includes(py.id)
}

/** Converts a path in the locustfile to a path relative to the scenario. */
export function dataPath({ prefix }: Module, path: string): string {
  return path.startsWith('/') || prefix === '' ? path : `${prefix}/${path}`
}
