import { invalidInput } from '../../../core/errors.ts'
import type { Module, PyClass } from '../frame.ts'
import { dottedName } from '../python/names.ts'
import { ancestors, listedTasks, markOf, membersOf } from './kinds.ts'

/**
 * Refuses TaskSets that contain each other. A TaskSet becomes one method that also contains the tasks of its inner TaskSets. If two TaskSets contain
 * each other, each of their methods would have to contain itself.
 * @throws BurstError (104) with the line of one of these TaskSets
 */
export function refuseCycles(module: Module): void {
  const done = new Set<PyClass>()
  for (const one of module.classes.values()) visit(module, one, { path: [], done })
}

interface Walk {
  path: readonly PyClass[]
  done: Set<PyClass>
}

function visit(module: Module, one: PyClass, { path, done }: Walk): void {
  const start = path.findIndex((other) => other.from === one.from)
  if (start !== -1) {
    const names = path.slice(start).map(({ name }) => name)
    const what =
      names.length === 1
        ? `the TaskSet ${names[0]} contains itself`
        : `the TaskSets ${names.join(', ')} contain each other`
    throw invalidInput(`${what} without end`, { at: `${module.source.file}:${one.at}` })
  }
  if (done.has(one)) return
  for (const set of setsIn(module, one)) visit(module, set, { path: [...path, one], done })
  done.add(one)
}

/** Returns the TaskSets that are tasks of a class. */
function setsIn(module: Module, one: PyClass): PyClass[] {
  const { attributes, nested } = membersOf(one, ancestors(module, one))
  const listed = listedTasks(attributes.get('tasks')).flatMap(({ of }) => {
    const name = dottedName(of) ?? ''
    return nested.find((other) => other.name === name) ?? module.classes.get(name) ?? []
  })
  return [...nested.filter(({ decorators }) => markOf(decorators) !== null), ...listed]
}
