import { invalidInput } from '../../core/errors.ts'
import { settingsEntries } from '../requests/settings.ts'
import type { Entry, Expr, Stmt } from '../scenario/code.ts'
import type { ScenarioModel, UserClass } from '../scenario/model.ts'
import { Names, pascalCase, valueName } from '../scenario/names.ts'
import { snippets } from '../scenario/snippets.ts'
import { namesIn } from '../scenario/walk.ts'
import { ClassBuilder } from './classes/builder.ts'
import { refuseCycles } from './classes/cycles.ts'
import { ancestors, basesOf, kindOf, listedTasks, membersOf } from './classes/kinds.ts'
import { nameObjects, objectClasses } from './classes/objects.ts'
import { makeUser, setsForLife } from './classes/users.ts'
import { expressionOf } from './code/expressions.ts'
import { translate } from './code/translator.ts'
import { hooksOf, listenersOf } from './events.ts'
import type { Module, PyClass } from './frame.ts'
import { requestOf } from './http/requests.ts'
import { takeApart } from './module.ts'
import { dottedName } from './python/names.ts'
import { readPython } from './python/statements.ts'
import { shapeOf } from './shape.ts'
import { assignedTo } from './statements/assignments.ts'
import { blockOf } from './statements/blocks.ts'
import { functionsOf } from './functions.ts'
import { constantsOf, findParameters } from './top.ts'
import { moduleFrame } from './module-frame.ts'

const translator = { expression: expressionOf, block: blockOf, assigned: assignedTo, request: requestOf }

const mostCharacters = 2 * 1024 * 1024

/** Names that a variable must not have, because the scenario imports or declares these names itself. */
const taken = [
  ...'HttpUser arrivals between constant csv file hold json pacing ramp rampArrivals scenario task throughput'.split(
    ' ',
  ),
  ...'readFileSync join createHash createHmac randomBytes setTimeout Http Random Response second'.split(' '),
  ...Object.keys(snippets),
]

/**
 * Translates a locustfile to a scenario.
 * @param place the folder of the data files, and the path from the scenario to this folder
 * @throws BurstError (104) when the file is larger than 2 MiB, is not Python 3, is nested more than 400 levels deep or has no user class, or when
 * TaskSets contain each other
 */
export function importLocustfile(file: string, text: string, place: { folder: string; prefix: string }): ScenarioModel {
  if (text.length > mostCharacters) {
    throw invalidInput(`${file} is larger than 2 MiB`, { hint: 'split the file, or import a part of it' })
  }
  const { source, body } = readPython(file, text)
  const module = takeApart(source, body, { ...place, translator })
  const users = usersOf(module)
  refuseCycles(module)
  const listeners = listenersOf(module)
  const names = new Names(taken)
  const listening = new Set(listeners.map(({ fn }) => fn.name))
  nameClasses(module, names)
  nameObjects(module)
  findParameters(module)
  nameFunctions(module, names, listening)
  const top = constantsOf(module, names)
  // `nameFunctions` also names the methods of dataclasses, because these methods become functions.
  nameFunctions(module, names, listening)
  const hosts = hostsOf(module, users)
  const hooks = hooksOf(module, listeners)
  const functions = functionsOf(module, listening)
  const objects = objectClasses(module)
  const classes = classesOf(module, users, hosts)
  const shape = shapeOf(module)
  const options: Entry[] = [
    ...hosts.option,
    ...settingsEntries(module.settings),
    ...(shape ? [{ key: 'load', value: shape.load }] : []),
    ...hooks.options,
  ]
  return {
    about: [],
    top: [...withClasses(top, objects), ...(shape?.top ?? []), ...functions],
    classes,
    notes: [...(shape?.notes ?? []), ...hooks.notes, ...(shape ? [] : [noLoad])],
    options,
  }
}

function usersOf(module: Module): PyClass[] {
  const users = [...module.classes.values()].filter((one) => kindOf(module, one) === 'user')
  const { file } = module.source
  if (users.length > 0) return users
  throw invalidInput(`${file} has no user class`, {
    at: `${file}:1`,
    hint: 'burst import looks for classes that extend HttpUser or FastHttpUser',
  })
}

/**
 * Returns the constants and the classes. The classes come directly before the first constant that uses a class, because a class must exist before its
 * use.
 */
function withClasses(top: readonly Stmt[], classes: readonly Stmt[]): Stmt[] {
  const names = new Set(classes.flatMap((one) => (one.k === 'class' ? [one.name] : [])))
  const first = top.findIndex((stmt) => [...namesIn(stmt)].some((name) => names.has(name)))
  return first === -1 ? [...top, ...classes] : [...top.slice(0, first), ...classes, ...top.slice(first)]
}

const noLoad = 'The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m'

/** Returns the functions that a class lists in its attribute `tasks`. */
function taskFunctions(module: Module): Set<string> {
  const all = [...module.classes.values()].flatMap((one) => listedTasks(membersOf(one).attributes.get('tasks')))
  return new Set(all.flatMap(({ of }) => dottedName(of) ?? []))
}

/** Chooses the names of the functions of the module. Listeners, and functions that are used only as tasks, get no name here. */
function nameFunctions(module: Module, names: Names, listening: ReadonlySet<string>): void {
  const asTasks = taskFunctions(module)
  for (const name of module.functions.keys()) {
    if (
      !module.functionNames.has(name) &&
      !listening.has(name) &&
      !(asTasks.has(name) && !module.uses.called.has(name))
    )
      module.functionNames.set(name, names.take(valueName(name)))
  }
}

/** Chooses the names of the TypeScript classes. A class keeps its Python name where possible. */
function nameClasses(module: Module, names: Names): void {
  for (const name of module.classes.keys()) module.classNames.set(name, names.take(pascalCase(name)))
}

interface Hosts {
  option: Entry[]
  /** The hosts of the classes whose host differs from the host of the scenario. The keys are the names of the classes. */
  others: Map<string, string>
}

/** Returns the host of the scenario: the host of the first class that has a host. */
function hostsOf(module: Module, users: readonly PyClass[]): Hosts {
  const others = new Map<string, string>()
  let first: Expr | null = null
  for (const one of users) {
    const origin = originOf(module, one)
    if (!origin) continue
    if (!first) first = origin
    else if (origin.k === 'str' && textOf(first) !== origin.value) others.set(one.name, origin.value)
  }
  const host = textOf(first)
  for (const [name, value] of module.values)
    if (host !== null && textOf(value)?.replace(/\/+$/, '') === host) module.hosts.add(name)
  module.host = first
  return { option: first ? [{ key: 'host', value: first }] : [], others }
}

/** Returns the host of a class, without a slash at its end. */
function originOf(module: Module, one: PyClass): Expr | null {
  const py = membersOf(one, ancestors(module, one)).attributes.get('host')
  if (!py || py.t === 'none') return null
  const { expr } = translate(py, moduleFrame(module, []))
  if (py.t === 'name') module.hosts.add(py.id)
  return expr.k === 'str' ? { ...expr, value: expr.value.replace(/\/+$/, '') } : expr
}

function textOf(expr: Expr | null): string | null {
  return expr?.k === 'str' ? expr.value : null
}

/** Returns all user classes, base classes first. */
function classesOf(module: Module, users: readonly PyClass[], hosts: Hosts): UserClass[] {
  const builders = new Map<PyClass, ClassBuilder>()
  const made: UserClass[] = []
  const isBase = (one: PyClass): boolean =>
    [...module.classes.values()].some((other) => basesOf(module, other)[0] === one)
  const make = (one: PyClass): ClassBuilder => {
    const known = builders.get(one)
    if (known) return known
    const [base, ...mixed] = basesOf(module, one).toSorted(
      (a, b) => Number(kindOf(module, b) === 'user') - Number(kindOf(module, a) === 'user'),
    )
    const parent = base && base !== one ? make(base) : null
    const special = {
      name: module.classNames.get(one.name) ?? pascalCase(one.name),
      host: hosts.others.get(one.name) ?? null,
      only: null,
      abstract: kindOf(module, one) !== 'user',
      isPublic: isBase(one),
      weight: null,
      mixed,
    }
    const sets = setsForLife(module, one)
    const all =
      sets.length > 0
        ? sets.map((only) => ({
            ...special,
            name: module.classNames.get(only.set.name) ?? pascalCase(only.set.name),
            only,
            weight: only.weight,
          }))
        : [special]
    const found = all.map((each) => makeUser(module, one, parent, each))
    made.push(...found.map((each) => each.made))
    const builder = found[0]?.builder as ClassBuilder
    builders.set(one, builder)
    return builder
  }
  for (const one of users) make(one)
  return made
}
