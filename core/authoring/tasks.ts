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
  const found = new Map<string, NamedTask>()
  for (let level = userClass.prototype; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
    for (const name of Object.getOwnPropertyNames(level)) {
      const mark = markOf(level, name)
      if (mark && !found.has(name)) found.set(name, { name, ...mark })
    }
  }
  // From the base down, in the order they are written.
  const tasks = new Map([...found].toReversed())
  for (const [name, weight] of Object.entries((instance as { tasks?: Methods }).tasks ?? {})) {
    tasks.set(name, { name, ...checkedWeight(userClass.name, name, weight), tags: tasks.get(name)?.tags ?? [] })
    if (typeof (instance as Methods)[name] !== 'function') {
      throw invalidInput(`tasks of class ${userClass.name} names '${name}', but the class has no such method`)
    }
  }
  return [...tasks.values()].toSorted((a, b) => order(userClass.prototype, a.name) - order(userClass.prototype, b.name))
}

function markOf(level: object, name: string): TaskMark | undefined {
  const method = Object.getOwnPropertyDescriptor(level, name)?.value as { [marks.task]?: TaskMark } | undefined
  return typeof method === 'function' ? method[marks.task] : undefined
}

function checkedWeight(className: string, name: string, weight: unknown): { weight: number } {
  if (typeof weight === 'number' && Number.isFinite(weight) && weight >= 0) return { weight }
  throw invalidInput(`tasks of class ${className} gives '${name}' the weight ${String(weight)}`, {
    hint: 'give a number from 0 up',
  })
}

/** Place of a method in the class: base classes first, then as written. */
function order(prototype: object, name: string): number {
  const levels: string[][] = []
  for (let level = prototype; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
    levels.unshift(Object.getOwnPropertyNames(level))
  }
  return levels.flat().indexOf(name)
}
