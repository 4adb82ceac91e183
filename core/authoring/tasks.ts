import { invalidInput } from '../errors.ts'
import { marks } from './seat.ts'
import type { TaskMark } from './task.ts'

interface NamedTask extends TaskMark {
  name: string
}

type Methods = Record<string, unknown>

/**
 * The tasks of a user class: methods marked along the prototype chain (an override keeps the mark of its base unless it has its own),
 * then `tasks = {…}` of the instance, which wins.
 */
export function collectTasks(userClass: { prototype: object; name: string }, instance: object): NamedTask[] {
  const methods = methodNames(userClass.prototype)
  const tasks = new Map<string, NamedTask>()
  for (const name of methods) {
    const mark = markOf(userClass.prototype, name)
    if (mark) tasks.set(name, { name, ...mark })
  }
  for (const [name, weight] of Object.entries((instance as { tasks?: Methods }).tasks ?? {})) {
    tasks.set(name, { name, weight: checkedWeight(userClass.name, name, weight), tags: tasks.get(name)?.tags ?? [] })
    if (typeof (instance as Methods)[name] === 'function') continue
    throw invalidInput(`tasks of class ${userClass.name} names '${name}', but the class has no such method`)
  }
  return [...tasks.values()].toSorted((a, b) => methods.indexOf(a.name) - methods.indexOf(b.name))
}

/** The classes of a prototype chain, the most derived first. */
function* levelsOf(prototype: object): Generator<object> {
  for (let level = prototype; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) yield level
}

/** Names of all methods, each once: base classes first, then as written. */
function methodNames(prototype: object): string[] {
  const names = [...levelsOf(prototype)].toReversed().flatMap((level) => Object.getOwnPropertyNames(level))
  return [...new Set(names)]
}

/** The mark of the most derived method of that name that has one. */
function markOf(prototype: object, name: string): TaskMark | undefined {
  for (const level of levelsOf(prototype)) {
    const method = Object.getOwnPropertyDescriptor(level, name)?.value as { [marks.task]?: TaskMark } | undefined
    if (typeof method === 'function' && method[marks.task]) return method[marks.task]
  }
  return undefined
}

function checkedWeight(className: string, name: string, weight: unknown): number {
  if (typeof weight === 'number' && Number.isFinite(weight) && weight >= 0) return weight
  throw invalidInput(`tasks of class ${className} gives '${name}' the weight ${String(weight)}`, {
    hint: 'give a number from 0 up',
  })
}
