import { invalidInput } from '../errors.ts'
import { inWords, numberFromZero, refuseUnknown } from '../values-in-words.ts'
import { marks } from './runtime.ts'
import type { HttpUser } from './http-user.ts'

export interface TaskOptions {
  /** Tags for `--tags` and `--exclude-tags`, and for thresholds such as `tag:x: p95 < 1s`. Default: only the tags of the class. */
  tags?: string[]
}

export interface TaskMark {
  weight: number
  tags: string[]
}

type TaskMethod<U extends HttpUser> = (this: U) => Promise<void>
type TaskDecorator = <U extends HttpUser>(method: TaskMethod<U>, context: ClassMethodDecoratorContext<U>) => void

/**
 * Marks a method as a task of the class. Users choose this task `weight` times as often as a task of weight 1. `@task` without arguments is also
 * allowed. The method must return a promise. A method that overrides a task is also a task. Without its own decorator, the method has the weight and
 * tags of the overridden task.
 * @throws BurstError (104) when the weight or the options are invalid, or when something other than a method is marked
 */
export function task(weight: number, options?: TaskOptions): TaskDecorator
export function task<U extends HttpUser>(method: TaskMethod<U>, context: ClassMethodDecoratorContext<U>): void
export function task(...given: unknown[]): unknown {
  // For `@task` without parentheses, TypeScript calls this function as the decorator. A legacy decorator receives (prototype, key, descriptor).
  if (isContext(given[1]) || given.length === 3) return mark(given, { weight: 1, tags: [] })
  if (given.length === 0) throw invalidInput('@task() has no weight', { hint: 'write @task, or @task(3)' })
  const [first, options = {}] = given
  const weight = numberFromZero(first, 'the weight of @task')
  refuseUnknown(options, ['tags'], 'the second argument of @task')
  const tags = checkedTags((options as TaskOptions).tags ?? [], '@task')
  return (...decorated: unknown[]) => mark(decorated, { weight, tags })
}

/**
 * Checks a list of tags.
 * @param of names the owner of the tags in the error message, e.g. `class Shopper`
 * @throws BurstError (104) when the value is not a list of strings
 */
export function checkedTags(tags: unknown, of: string): string[] {
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && tag !== '')) return [...(tags as string[])]
  throw invalidInput(`tags of ${of} is ${inWords(tags)}`, { hint: "write a list of strings: tags: ['checkout']" })
}

/** @param decorated contains the arguments of a decorator call: (method, context), or for a legacy decorator (prototype, key, descriptor) */
function mark([first, second, third]: readonly unknown[], value: TaskMark): void {
  if (isContext(second)) checkPlace(second)
  const method = typeof first === 'function' ? first : (third as PropertyDescriptor | undefined)?.value
  if (typeof method !== 'function') throw misplaced('something that is not a method')
  Object.defineProperty(method, marks.task, { value, configurable: true })
}

interface Context {
  kind: string
  name: string | symbol | undefined
  static?: boolean
  private?: boolean
}

function isContext(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && typeof (value as { kind?: unknown }).kind === 'string'
}

function checkPlace({ kind, name, ...context }: Context): void {
  const shown = `'${String(name)}'`
  if (kind === 'field' || kind === 'accessor') throw misplaced(`the field ${shown}`, String(name))
  if (kind !== 'method') throw misplaced(`the ${kind} ${shown}`)
  if (context.static) throw misplaced(`the static method ${shown}`, String(name))
  if (context.private || typeof name === 'symbol') throw misplaced(`${shown}, which has no public name`)
}

function misplaced(place: string, name = 'browse'): Error {
  return invalidInput(`@task is applied to ${place}`, {
    hint: `a task is a method of the class: @task async ${name}() {…}`,
  })
}
