import { invalidInput } from '../errors.ts'
import { inWords, isGenerator, isRecord, numberFromZero } from '../values-in-words.ts'
import { marks } from './runtime.ts'
import type { TaskMark } from './task.ts'

interface NamedTask extends TaskMark {
  name: string
}

type Method = (this: object) => unknown
type Members = Record<string, unknown>

/** The members that burst sets on each instance. Each of these members hides a method of the same name. */
const ownFields: ReadonlySet<string> = new Set(['http', 'random', 'index', 'data', 'vars'])
/** Methods that the scenario calls on `this`; a task of the same name does not replace them. */
const ownMethods: ReadonlySet<string> = new Set(['sleep', 'step', 'record', 'stop', 'ws'])
/** Methods that burst itself calls. */
const lifeMethods: ReadonlySet<string> = new Set(['constructor', 'onStart', 'onStop'])

/**
 * Returns the tasks of a user class: own and inherited methods with `@task`, and the tasks in `tasks = {…}` of the instance. An entry in `tasks`
 * replaces the weight of `@task`, but not its tags. A method that overrides a task is also a task. Without its own decorator, the method has the
 * weight and tags of the overridden task. The tasks of base classes come first. The tasks of one class are in the order of the file.
 * @throws BurstError (104) when a method cannot be a task, when a weight is invalid, when `tasks` is not an object, or when burst cannot run
 * `onStart` or `onStop`
 */
export function collectTasks(userClass: { prototype: object; name: string }, instance: object): NamedTask[] {
  const methods = methodNames(userClass.prototype)
  const tasks = new Map<string, NamedTask>()
  for (const name of methods) {
    const mark = markOf(userClass.prototype, name)
    if (mark) tasks.set(name, { name, ...mark })
  }
  for (const [name, weight] of Object.entries(listedTasks(userClass.name, instance, tasks.has('tasks')))) {
    tasks.set(name, {
      name,
      weight: numberFromZero(weight, `the weight of '${name}' in 'tasks' of class ${userClass.name}`),
      tags: tasks.get(name)?.tags ?? [],
    })
  }
  for (const name of tasks.keys()) checkTask(userClass.name, instance, name)
  for (const name of ['onStart', 'onStop']) checkLifeMethod(userClass.name, instance, name)
  checkHidden(userClass, tasks)
  return [...tasks.values()].toSorted((a, b) => methods.indexOf(a.name) - methods.indexOf(b.name))
}

/**
 * Returns the function of a task. A task may have the same name as a member that burst sets on each instance, such as `this.index`. In this case,
 * returns the method of the class instead of the member.
 */
export function taskOf(instance: object, name: string): Method | undefined {
  if (isOwnName(name)) return methodOf(instance, name)
  // If the property of the instance is a function, this function is the task. If the property is not a function, or if every object has a property
  // with this name (such as `toString`), the method of the class is the task.
  const found: unknown = (instance as Members)[name]
  return typeof found === 'function' && !(name in Object.prototype) ? (found as Method) : methodOf(instance, name)
}

/**
 * Prevents tasks from replacing burst's methods: if a task is named `sleep`, `this.sleep` still calls burst's method. If a task is named `wait`, sets
 * `wait` of the instance to undefined, because burst would otherwise read the task as the wait of the user.
 */
export function shieldOwnMethods(instance: object): void {
  for (const name of ownMethods) {
    if (isTask(instance, name))
      define(instance, name, (burstsOwn(instance) as Record<string, Method>)[name]?.bind(instance))
  }
  if (!Object.hasOwn(instance, 'wait') && isTask(instance, 'wait')) define(instance, 'wait', undefined)
}

/** Returns the members that the scenario defines in a class, except the tasks: fields and methods of an instance, and static members. */
export function membersOf(
  userClass: { prototype: object },
  instance: object,
): { instance: Members; methods: string[]; statics: Members } {
  const own = Object.entries(instance).filter(([name]) => !ownFields.has(name))
  const statics = [...levelsOf(userClass.prototype)].flatMap((level) => Object.entries(level.constructor))
  return {
    instance: Object.create(instance, Object.getOwnPropertyDescriptors(Object.fromEntries(own))) as Members,
    methods: methodNames(userClass.prototype).filter((name) => !isTask(instance, name) && methodOf(instance, name)),
    statics: Object.fromEntries(statics),
  }
}

function define(instance: object, name: string, value: unknown): void {
  if (!Object.hasOwn(instance, name))
    Object.defineProperty(instance, name, { value, configurable: true, writable: true })
}

function isTask(instance: object, name: string): boolean {
  if (methodOf(instance, name) === undefined) return false
  const { tasks } = instance as { tasks?: unknown }
  return markOf(instance, name) !== undefined || (isRecord(tasks) && Object.hasOwn(tasks, name))
}

function isOwnName(name: string): boolean {
  return ownFields.has(name) || ownMethods.has(name) || name === 'wait' || name === 'tasks'
}

/** Returns the prototypes of the scenario's own classes, the most derived class first. The instance itself and `HttpUser` are not included. */
function* levelsOf(from: object): Generator<object> {
  for (
    let level: object | null = from;
    level && !isBursts(level);
    level = Object.getPrototypeOf(level) as object | null
  ) {
    if (Object.hasOwn(level, 'constructor')) yield level
  }
}

function burstsOwn(instance: object): object {
  let level = instance
  while (!isBursts(level)) level = Object.getPrototypeOf(level) as object
  return level
}

function isBursts(level: object): boolean {
  if (level === Object.prototype) return true
  return Object.hasOwn(level, 'constructor') && Object.hasOwn(level.constructor, marks.user)
}

/** Returns the names of all methods without duplicates. Methods of base classes come first. The methods of one class are in the order of the file. */
function methodNames(prototype: object): string[] {
  const names = [...levelsOf(prototype)].toReversed().flatMap((level) => Object.getOwnPropertyNames(level))
  return [...new Set(names)]
}

/** Returns the most derived method with the given name in the scenario's own classes. */
function methodOf(from: object, name: string): Method | undefined {
  const found = storedIn(levelsOf(from), name)
  return typeof found === 'function' ? (found as Method) : undefined
}

/**
 * Returns the member with this name from the first object that has such a member. Does not call a getter, because a getter may need a running user.
 */
function storedIn(levels: Iterable<object>, name: string): unknown {
  for (const level of levels) {
    const found = Object.getOwnPropertyDescriptor(level, name)
    if (found) return found.value
  }
  return undefined
}

/** Returns the mark of the method with the given name. If several classes mark the method, returns the mark of the most derived class. */
function markOf(from: object, name: string): TaskMark | undefined {
  for (const level of levelsOf(from)) {
    const method = Object.getOwnPropertyDescriptor(level, name)?.value as { [marks.task]?: TaskMark } | undefined
    if (typeof method === 'function' && method[marks.task]) return method[marks.task]
  }
  return undefined
}

function listedTasks(className: string, instance: object, isTaskItself: boolean): Members {
  const { tasks } = instance as { tasks?: unknown }
  if (tasks === undefined || (typeof tasks === 'function' && isTaskItself)) return {}
  if (isRecord(tasks)) return tasks
  throw invalidInput(`'tasks' of class ${className} is ${inWords(tasks)}`, {
    hint: 'write weights by the names of methods: tasks = { browse: 3, search: 1 }',
  })
}

function checkTask(className: string, instance: object, name: string): void {
  if (lifeMethods.has(name)) {
    throw invalidInput(`class ${className} lists '${name}' as a task, but burst calls this method itself`, {
      hint: 'give the task another name',
    })
  }
  const method = taskOf(instance, name)
  if (isOwnName(name) && method === undefined) refuseField(className, instance, name)
  if (method === undefined) {
    throw invalidInput(`'tasks' of class ${className} names '${name}', but the class has no such method`)
  }
  if (!isGenerator(method)) return
  throw invalidInput(`task '${name}' of class ${className} is a generator function, which burst does not run`, {
    hint: `write async ${name}() {…}, without the star`,
  })
}

/**
 * Refuses an `onStart` or `onStop` that burst cannot run. A value that is not a function would make each user fail. A generator function would have
 * no effect, because a call does not run its body.
 */
function checkLifeMethod(className: string, instance: object, name: string): void {
  const found = storedIn([instance, ...levelsOf(instance)], name)
  if (found === undefined || found === null) return
  const hint = `write a method, async ${name}() {…}`
  if (typeof found !== 'function') throw invalidInput(`${name} of class ${className} is ${inWords(found)}`, { hint })
  if (!isGenerator(found)) return
  throw invalidInput(`${name} of class ${className} is a generator function, which burst does not run`, {
    hint: `${hint}, without the star`,
  })
}

/** Refuses a field that has the name of one of burst's methods, because the field would replace the method. */
function refuseField(className: string, instance: object, name: string): void {
  if (name === 'wait' || !Object.hasOwn(instance, name) || typeof (instance as Members)[name] !== 'function') return
  throw invalidInput(
    `task '${name}' of class ${className} is a field, and the field replaces burst's own this.${name}`,
    {
      hint: `write a method, async ${name}() {…}, or give the task another name`,
    },
  )
}

/**
 * Refuses a method that is not a task and has the name of a member that burst sets, such as `this.index`. The member hides the method, so the
 * scenario could not call the method.
 */
function checkHidden(
  { prototype, name: className }: { prototype: object; name: string },
  tasks: ReadonlyMap<string, unknown>,
): void {
  const hidden = [...ownFields].find(
    (name) => !tasks.has(name) && [...levelsOf(prototype)].some((level) => Object.hasOwn(level, name)),
  )
  if (hidden === undefined) return
  throw invalidInput(`class ${className} has a method '${hidden}', but burst's own this.${hidden} hides the method`, {
    hint: 'give the method another name',
  })
}
