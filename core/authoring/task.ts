import { invalidInput } from '../errors.ts'
import { marks } from './seat.ts'
import type { HttpUser } from './user.ts'

export interface TaskOptions {
  /** For `--tags` and `--exclude-tags`, and for `tag:x:` thresholds. */
  tags?: string[]
}

export interface TaskMark {
  weight: number
  tags: string[]
}

type TaskMethod<U extends HttpUser> = (this: U) => Promise<void>
type TaskDecorator = <U extends HttpUser>(method: TaskMethod<U>, context: ClassMethodDecoratorContext<U>) => void

/**
 * Marks a method as something that users of the class do, `weight` times as often as one of weight 1. Also bare: `@task`.
 * The method must return a promise. An override in a subclass keeps the mark unless it has its own.
 * @throws BurstError (104) when the weight is negative or no number
 */
export function task(weight: number, options?: TaskOptions): TaskDecorator
export function task<U extends HttpUser>(method: TaskMethod<U>, context: ClassMethodDecoratorContext<U>): void
export function task(first: unknown, second?: unknown, legacy?: unknown): unknown {
  if (typeof first === 'function') return mark(first, { weight: 1, tags: [] })
  // TypeScript's older decorators, bare, call (prototype, key, descriptor).
  if (typeof first === 'object') return mark(legacyMethod(legacy), { weight: 1, tags: [] })
  const weight = first as number
  if (!Number.isFinite(weight) || weight < 0) throw invalidInput(`@task(${weight}) needs a weight from 0 up`)
  const tags = (second as TaskOptions | undefined)?.tags ?? []
  return (method: unknown, _context: unknown, descriptor?: unknown) =>
    mark(typeof method === 'function' ? method : legacyMethod(descriptor), { weight, tags })
}

function mark(method: unknown, value: TaskMark): void {
  Object.defineProperty(method, marks.task, { value })
}

function legacyMethod(descriptor: unknown): unknown {
  return (descriptor as PropertyDescriptor).value
}
