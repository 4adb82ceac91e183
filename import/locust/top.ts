import { type Expr, type Stmt, comment, num } from '../scenario/code.ts'
import { Names, valueName } from '../scenario/names.ts'
import { basesOf, kindOf, membersOf } from './classes/kinds.ts'
import { tidied } from './classes/tidied.ts'
import { Lost, pathOf, todoFor } from './code/context.ts'
import { everyPy, namesOf, planOf, somePy } from './code/declarations.ts'
import { block, translate, translateOr } from './code/translator.ts'
import { type Type, any, unified } from './code/value-types.ts'
import { isRegistration } from './events.ts'
import { csvRows, rowsStatement } from './feeds.ts'
import type { Frame, Module } from './frame.ts'
import { responseNames } from './module.ts'
import { moduleFrame } from './module-frame.ts'
import { dottedName } from './python/names.ts'
import { filePath, isFolder } from './library/paths.ts'
import { isCompiled } from './library/patterns.ts'
import { classWith } from './objects.ts'
import { isEnum, recordFields, recordStmt, takeMethods, tupleFields } from './records.ts'
import type { Call, Py, PyStmt } from './python/syntax.ts'
import { isLockPath } from './python/imported.ts'

/** Returns the constants of the locustfile, in the order of the file. */
export function constantsOf(module: Module, names: Names): Stmt[] {
  const frame = moduleFrame(module, [])
  const classes = plainClasses(module, frame, names)
  const own = module.rest.flatMap((stmt): Stmt[] => {
    if (stmt.t === 'import' || stmt.t === 'pass' || isRegistration(stmt)) return []
    if (stmt.t === 'comment') return [comment(stmt.text)]
    if (stmt.t === 'expr' && (stmt.of.t === 'str' || isSetup(stmt.of))) return []
    const rows = csvRows(module, stmt)
    if (rows)
      return module.constants.has(rows.name) || module.feeds.has(rows.name)
        ? []
        : [rowsStatement(module, rows, names.take(valueName(rows.name)))]
    if (stmt.t === 'assign' && stmt.targets.length === 1 && stmt.targets[0]?.t === 'name' && stmt.value) {
      return constantOf(module, stmt.targets[0].id, stmt.value, stmt, frame, names)
    }
    return others(module, stmt, frame, names)
  })
  return [...classes, ...own]
}

/** Returns true for a statement that only configures Python's environment. The scenario does not need such a statement. */
function isSetup(py: Py): boolean {
  const name = py.t === 'call' ? (dottedName(py.of) ?? '') : ''
  return /^(?:logging\.(?:basicConfig|getLogger.*)|urllib3\.disable_warnings|.*disable_warnings|load_dotenv|dotenv\.load_dotenv|sys\.path\..*|setup_logging|locust\.log\..*)$/.test(
    name,
  )
}

// oxlint-disable-next-line max-params -- it needs a constant by its name and value, and the frame
function constantOf(module: Module, id: string, value: Py, stmt: PyStmt, frame: Frame, names: Names): Stmt[] {
  if (feedsLater(module, id, value) || isNoted(module, id, value, frame)) return []
  const fields = tupleFields(value)
  if (fields) return recordStmt(module, id, fields, { frame, names })
  try {
    const found = translate(value, frame)
    const before = frame.before.splice(0)
    const own = names.take(valueName(id))
    const isChanged = module.uses.globals.has(id)
    const type = typeOfConstant(module, id, found.expr)
    module.constants.set(id, { name: own, type: found.expr.k === 'null' ? any : found.type })
    if (!isChanged) module.values.set(id, found.expr)
    const shared = isTakenFrom(module, id, found.type)
      ? [todoFor({ module }, stmt, 'each worker has its own copy, so users of two workers can take the same items')]
      : []
    return [
      ...before,
      ...shared,
      {
        k: 'var',
        kind: isChanged ? 'let' : 'const',
        name: own,
        value: found.expr,
        ...(type !== undefined && { type }),
      },
    ]
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    frame.before = []
    return [todoFor({ module }, stmt, error.why)]
  }
}

const taking: Partial<Record<Type['kind'], RegExp>> = { queue: /^get(?:_nowait)?$/, list: /^(?:pop|popleft)$/ }

/** Returns true if functions or classes take items from a list or a queue of the file. */
function isTakenFrom({ classes, functions }: Module, id: string, { kind }: Type): boolean {
  const names = taking[kind]
  const bodies = [...classes.values(), ...functions.values()].map(({ body }) => body)
  return (
    names !== undefined &&
    somePy(
      bodies,
      (py) => py.t === 'call' && py.of.t === 'attr' && names.test(py.of.name) && dottedName(py.of.of) === id,
    )
  )
}

/**
 * Stores a constant whose uses are translated directly: a logger, a lock, a compiled pattern, or a path. The scenario does not contain this constant.
 */
function isNoted(module: Module, id: string, value: Py, frame: Frame): boolean {
  const path = value.t === 'call' ? (pathOf(frame, value.of) ?? '') : ''
  if (value.t === 'call' && (dottedName(value.of) ?? '').endsWith('getLogger')) module.imports.set(id, 'logging')
  else if (isLockPath(path)) module.locks.add(id)
  else if (isCompiled(value, frame) && value.args[0]?.t === 'str') module.patterns.set(id, value)
  else return isPath(module, id, value)
  return true
}

/** Returns true for a constant such as `HERE = Path(__file__).parent` or `USERS = HERE / "users.csv"`, and stores its path. */
function isPath(module: Module, id: string, value: Py): boolean {
  const isPathlib = value.t === 'binary' || (value.t === 'call' && /(?:^|\.)Path$/.test(dottedName(value.of) ?? ''))
  const path = isFolder(value) ? '' : isPathlib ? filePath(value, { module }) : null
  if (path !== null) module.paths.set(id, path)
  return path !== null
}

/** Returns the type of a constant if the value of the constant does not determine the type; otherwise undefined. */
function typeOfConstant(module: Module, id: string, value: Expr): string | undefined {
  if (value.k === 'array' && value.items.length === 0) return 'any[]'
  const rows = rowType(value)
  if (rows !== undefined) return rows
  const isOpen =
    value.k === 'object' && (value.entries.length === 0 || module.uses.filled.has(id) || module.uses.indexed.has(id))
  if (isOpen) return 'Record<string, any>'
  return value.k === 'null' ? 'any' : undefined
}

const plainTypes: Partial<Record<Expr['k'], string>> = { str: 'string', num: 'number', bool: 'boolean' }

/** Returns the type of a list, such as `[string, number][]`, if all rows have values of the same types in the same order. */
function rowType(list: Expr): string | undefined {
  if (list.k !== 'array' || list.items.length === 0) return undefined
  const types = list.items.map((item) =>
    item.k === 'array' && item.items.length > 1
      ? item.items.map((one) => plainTypes[one.k] ?? 'any').join(', ')
      : 'any',
  )
  const [first] = types
  return first !== undefined && !first.includes('any') && types.every((type) => type === first)
    ? `[${first}][]`
    : undefined
}

/** Handles `USERS = []`, a list that a later statement fills from a CSV file. */
function feedsLater(module: Module, id: string, value: Py): boolean {
  const isEmpty = value.t === 'none' || (value.t === 'list' && value.items.length === 0)
  return isEmpty && module.rest.some((stmt) => csvRows(module, stmt)?.name === id)
}

/** Translates a statement at the top of the file that no other function translates. The variables of this statement are visible in the whole file. */
function others(module: Module, stmt: PyStmt, outer: Frame, names: Names): Stmt[] {
  const frame = { ...outer, plan: planOf([stmt]) }
  const made = block([stmt], frame, false)
  for (const name of stmt.t === 'assign' ? stmt.targets.flatMap(namesOf) : [...frame.plan.variables.keys()]) {
    const variable = frame.scope.get(name)
    if (variable) module.constants.set(name, { name: variable.name, type: variable.type })
    if (variable) names.take(variable.name)
  }
  return tidied(made)
}

/** Finds the kinds of arguments that calls pass to functions of the module: a user, a client, a response, a string, a number or a boolean. */
export function findParameters(module: Module): void {
  const bodies = [...module.classes.values(), ...module.functions.values()].map(({ body }) => body)
  const responses = responseNames(bodies)
  everyPy([bodies, module.rest], (py) => {
    if (py.t !== 'call' || py.of.t !== 'name') return
    const fn = functionNamed(module, py.of.id) ?? constructorOf(module, py.of.id)
    if (!fn) return
    markJudging(module, py, responses)
    const known = module.parameters.get(fn.name) ?? new Map<string, Type>()
    module.parameters.set(fn.name, known)
    const given = [
      ...py.args.map((arg, index) => [fn.params[index], arg] as const),
      ...py.named.map(({ name, value }) => [name, value] as const),
    ]
    for (const [name, arg] of given)
      if (name !== undefined && name !== null) known.set(name, unified(known.get(name), argumentType(arg, responses)))
  })
}

/** Marks a call if the call passes a response to a function that calls `response.failure(…)` or `response.success()`. */
function markJudging({ functions }: Module, py: Call, responses: ReadonlySet<string>): void {
  const fn = py.of.t === 'name' ? functions.get(py.of.id) : undefined
  for (const [index, arg] of py.args.entries()) {
    const param = fn?.params[index]?.name
    if (arg.t === 'name' && responses.has(arg.id) && param !== undefined && judges(fn?.body, param)) py.judges = arg.id
  }
}

function judges(body: unknown, param: string): boolean {
  return somePy(
    body,
    (py) => py.t === 'attr' && ['failure', 'success'].includes(py.name) && py.of.t === 'name' && py.of.id === param,
  )
}

function functionNamed({ functions }: Module, name: string): { name: string; params: readonly string[] } | undefined {
  const fn = functions.get(name)
  return fn && { name, params: fn.params.map((param) => param.name) }
}

/**
 * For a class `X`, returns the name `X()` and the parameters of the method `__init__`. Returns undefined if the class does not become a TypeScript
 * class, or has no `__init__`.
 */
function constructorOf(module: Module, cls: string): { name: string; params: readonly string[] } | undefined {
  const first = classWith(module.objects, cls, ({ methods }) => methods.has('__init__'))
  return first ? { name: `${cls}()`, params: first.methods.get('__init__')?.params ?? [] } : undefined
}

function argumentType(arg: Py, responses: ReadonlySet<string>): Type {
  if (arg.t === 'name' && responses.has(arg.id)) return { kind: 'response' }
  const path = dottedName(arg) ?? ''
  if (/^(?:self|l|user)(?:\.(?:user|parent|locust))?$/.test(path)) return { kind: 'user' }
  if (path.endsWith('.client')) return { kind: 'http' }
  return (
    (
      { str: { kind: 'str' }, fstr: { kind: 'str' }, num: { kind: 'num' }, bool: { kind: 'bool' } } as Partial<
        Record<Py['t'], Type>
      >
    )[arg.t] ?? any
  )
}

/** Converts each class that contains only constants to an object. Converts each dataclass and each named tuple to a function. */
function plainClasses(module: Module, frame: Frame, names: Names): Stmt[] {
  return [...module.classes.values()].flatMap((one): Stmt[] => {
    const fields = recordFields(one)
    if (fields && kindOf(module, one) === 'other') takeMethods(module, one)
    if (fields && kindOf(module, one) === 'other') return recordStmt(module, one.name, fields, { frame, names })
    const { attributes, methods, rest } = membersOf(one)
    const isBase = [...module.classes.values()].some((other) => basesOf(module, other).includes(one))
    if (kindOf(module, one) !== 'other' || isBase || methods.size > 0 || rest.length > 0 || attributes.size === 0)
      return []
    const name = names.take(valueName(one.name))
    const entries = [...attributes].map(([key, value], index) => {
      const isAuto = value.t === 'call' && (pathOf(frame, value.of) ?? '') === 'enum.auto'
      return { key, value: isAuto ? num(index + 1) : translateOr(value, frame).expr }
    })
    const before = frame.before.splice(0)
    module.constants.set(one.name, { name, type: any })
    if (isEnum(one)) module.enums.add(one.name)
    for (const { key, value } of entries) module.values.set(`${one.name}.${key}`, value)
    return [...before, { k: 'var', kind: 'const', name, value: { k: 'object', entries, broken: true } }]
  })
}
