import { somePy } from '../code/declarations.ts'
import type { Module, PyClass } from '../frame.ts'
import { dottedName } from '../python/names.ts'
import type { Py, PyFunction, PyStmt } from '../python/syntax.ts'

export type ClassKind = 'user' | 'set' | 'sequence' | 'shape' | 'other'

const kinds: Readonly<Record<string, ClassKind>> = {
  HttpUser: 'user',
  FastHttpUser: 'user',
  RestUser: 'user',
  User: 'user',
  HttpLocust: 'user',
  FastHttpLocust: 'user',
  Locust: 'user',
  TaskSet: 'set',
  MarkovTaskSet: 'set',
  SequentialTaskSet: 'sequence',
  TaskSequence: 'sequence',
  LoadTestShape: 'shape',
}

/** Returns the kind of a class in a locustfile. The base classes determine the kind. */
export function kindOf(module: Module, one: PyClass, seen: ReadonlySet<string> = new Set()): ClassKind {
  if (seen.has(one.name)) return 'other'
  const found = one.bases.map((base): ClassKind => {
    const name = dottedName(base) ?? ''
    const own = module.classes.get(name)
    if (own) return kindOf(module, own, new Set([...seen, one.name]))
    const [first = '', ...rest] = name.split('.')
    const path = [module.imports.get(first) ?? first, ...rest].join('.')
    const last = path.split('.').at(-1) ?? ''
    return Object.hasOwn(kinds, last) ? (kinds[last] as ClassKind) : 'other'
  })
  return found.find((kind) => kind !== 'other') ?? 'other'
}

/** Returns true if a class is a FastHttpUser, whose client has its own settings. */
export function isFast(module: Module, one: PyClass): boolean {
  return [one, ...ancestors(module, one)].some(({ bases }) =>
    bases.some((base) =>
      /(?:^|\.)(?:FastHttpUser|RestUser|FastHttpLocust)$/.test(pathTo(module, dottedName(base) ?? '')),
    ),
  )
}

function pathTo({ imports }: Module, name: string): string {
  const [first = '', ...rest] = name.split('.')
  return [imports.get(first) ?? first, ...rest].join('.')
}

/** Returns the direct base classes that the file contains, in the order in which the class lists them. */
export function basesOf(module: Module, one: PyClass): PyClass[] {
  return one.bases.flatMap((base) => {
    const own = module.classes.get(dottedName(base) ?? '')
    return own && own !== one ? [own] : []
  })
}

/** The attributes, methods, inner classes and other statements of a class. */
export interface Members {
  attributes: Map<string, Py>
  methods: Map<string, PyFunction & { at: number; from: number; to: number }>
  nested: PyClass[]
  /** The statements of the class body that do not define attributes, methods or inner classes. */
  rest: PyStmt[]
}

/** Returns the members of a class and of its `inherited` classes. A member of the class replaces an inherited member with the same name. */
export function membersOf(one: PyClass, inherited: readonly PyClass[] = []): Members {
  const members: Members = { attributes: new Map(), methods: new Map(), nested: [], rest: [] }
  for (const each of [...inherited.toReversed(), one]) for (const stmt of each.body) addMember(members, stmt)
  return members
}

function addMember(members: Members, stmt: PyStmt): void {
  const { at, from, to } = stmt
  if (stmt.t === 'def') members.methods.set(stmt.fn.name, { ...stmt.fn, at, from, to })
  else if (stmt.t === 'class') members.nested.push({ ...stmt, at, from, to })
  else if (stmt.t === 'assign' && stmt.value) {
    const value = withLiterals(stmt.value, members.attributes) as Py
    for (const target of stmt.targets) if (target.t === 'name') members.attributes.set(target.id, value)
    addPairs(members, stmt.targets[0], value)
  } else if (!['pass', 'comment', 'import'].includes(stmt.t) && !(stmt.t === 'expr' && stmt.of.t === 'ellipsis'))
    members.rest.push(stmt)
}

/**
 * Returns a value from the body of a class. If the value contains the name of an earlier attribute of the class, and this attribute is a literal,
 * replaces the name with the literal.
 */
function withLiterals(piece: unknown, attributes: Members['attributes']): unknown {
  if (typeof piece !== 'object' || piece === null) return piece
  if (Array.isArray(piece)) return piece.map((one) => withLiterals(one, attributes))
  const py = piece as Partial<Py>
  const known = py.t === 'name' && 'id' in py ? attributes.get(py.id) : undefined
  if (known && ['num', 'str', 'bool'].includes(known.t)) return known
  return Object.fromEntries(Object.entries(piece).map(([key, one]) => [key, withLiterals(one, attributes)]))
}

/** Returns all classes of the file from which a class inherits members, directly or indirectly. */
export function ancestors(module: Module, one: PyClass, seen: ReadonlySet<PyClass> = new Set()): PyClass[] {
  if (seen.has(one)) return []
  const own = basesOf(module, one)
  return [...new Set([...own, ...own.flatMap((base) => ancestors(module, base, new Set([...seen, one])))])]
}

/** Returns true if the code leaves its TaskSet. */
export function interrupts(piece: unknown): boolean {
  return somePy(
    piece,
    (py) =>
      (py.t === 'attr' && py.name === 'interrupt') ||
      (py.t === 'name' && py.id === 'InterruptTaskSet') ||
      (py.t === 'attr' && py.name === 'InterruptTaskSet'),
  )
}

export interface Mark {
  weight: Py | null
  tags: string[]
}

/**
 * Returns the next tasks and their weights from the decorators `@transition("a")` and `@transitions({…})` of a MarkovTaskSet. Returns null if a task
 * has neither decorator.
 */
export function transitionsOf(decorators: readonly Py[]): Map<string, number> | null {
  const found = new Map<string, number>()
  for (const one of decorators) {
    const name = (dottedName(one.t === 'call' ? one.of : one) ?? '').split('.').at(-1)
    const [given] = one.t === 'call' ? one.args : []
    if (name === 'transition' && given?.t === 'str') found.set(given.value, 1)
    if (name === 'transitions' && given) for (const [to, weight] of weighted(given)) found.set(to, weight)
  }
  return found.size === 0 ? null : found
}

/** Returns the names and the weights in `{"a": 2, "b": 1}` or in `[("a", 2), "b"]`. */
function weighted(py: Py): [string, number][] {
  const pairs =
    py.t === 'dict'
      ? py.entries.map(({ key, value }) => [key, value] as const)
      : py.t === 'list' || py.t === 'tuple'
        ? py.items.map((item) =>
            item.t === 'tuple' ? ([item.items[0], item.items[1]] as const) : ([item, null] as const),
          )
        : []
  return pairs.flatMap(([key, value]) => (key?.t === 'str' ? [[key.value, value?.t === 'num' ? value.value : 1]] : []))
}

/** Returns true if a class is a MarkovTaskSet: one of its methods has the decorator `@transition` or `@transitions`. */
export function isMarkov({ body }: PyClass): boolean {
  return body.some((stmt) => stmt.t === 'def' && transitionsOf(stmt.fn.decorators) !== null)
}

/** Returns the arguments of `@task` and `@tag`. Returns null if there is no `@task`. */
export function markOf(decorators: readonly Py[]): Mark | null {
  const tags: string[] = []
  let found: Mark | null = null
  for (const one of decorators) {
    const name = (dottedName(one.t === 'call' ? one.of : one) ?? '').split('.').at(-1)
    if (name === 'tag' && one.t === 'call')
      tags.push(...one.args.flatMap((arg) => (arg.t === 'str' && arg.value !== '' ? [arg.value] : [])))
    if (name === 'task' || name === 'seq_task')
      found = {
        weight: name === 'task' && one.t === 'call' ? (one.args[0] ?? one.named[0]?.value ?? null) : null,
        tags,
      }
  }
  return found && { ...found, tags }
}

const known = new Set(
  'task tag seq_task transition transitions property staticmethod classmethod abstractmethod override wraps cached_property setter contextmanager'.split(
    ' ',
  ),
)

/** Returns the decorators that have no counterpart. */
export function leftDecorators({ decorators }: PyFunction): Py[] {
  return decorators.filter((one) => {
    const name = dottedName(one.t === 'call' ? one.of : one) ?? ''
    return !known.has(name.split('.').at(-1) ?? '') && !/(?:^|\.)events\./.test(name)
  })
}

/** Returns the tags of `@tag`, even if the class or function has no `@task`. */
export function tagsOf(decorators: readonly Py[]): string[] {
  return markOf([...decorators, { at: 0, from: 0, to: 0, t: 'name', id: 'task' }])?.tags ?? []
}

/** Returns the tasks and their weights in `tasks = [a, b]` and `tasks = {a: 3, b: 1}`. */
export function listedTasks(py: Py | undefined): { of: Py; weight: number | Py }[] {
  if (py?.t === 'dict')
    return py.entries.flatMap(({ key, value }) =>
      key ? [{ of: key, weight: value.t === 'num' ? value.value : value }] : [],
    )
  if (py?.t !== 'list' && py?.t !== 'tuple') return []
  const found: { of: Py; weight: number }[] = []
  for (const item of py.items) {
    const known = found.find(({ of }) => dottedName(of) === dottedName(item))
    if (known) known.weight++
    else found.push({ of: item, weight: 1 })
  }
  return found
}

/** Returns true if the body of the class contains `abstract = True`. The bodies of its base classes do not count. */
export function isMarkedAbstract(one: PyClass): boolean {
  const value = membersOf(one).attributes.get('abstract')
  return value?.t === 'bool' && value.value
}

/** Returns the `wait_time` of a class. */
export function waitPy(members: Members | undefined): Py | undefined {
  return members?.attributes.get('wait_time')
}

/** Parses `a, b = 1, 2`. */
function addPairs({ attributes }: Members, target: Py | undefined, value: Py): void {
  if (target?.t !== 'tuple' || value.t !== 'tuple') return
  for (const [index, item] of target.items.entries()) {
    const one = value.items[index]
    if (item.t === 'name' && one) attributes.set(item.id, one)
  }
}
