import type { ImportedRequest, Pair, Place, RequestScript } from '../../requests/request.ts'
import { requestStmts } from '../../requests/statement.ts'
import { type Expr, type Stmt, assign, bool, comment, expression, member, self } from '../../scenario/code.ts'
import type { Names } from '../../scenario/names.ts'
import { some } from '../../scenario/walk.ts'
import { type Plan, todoFor } from '../plan.ts'
import type { Element } from '../xml.ts'

/** A step of a user: a request, statements without a request, a controller with its steps, or steps that run only once. */
export type Step = RequestStep | PlainStep | Block | Once

interface RequestStep {
  request: ImportedRequest
  /** `true` if a later condition depends on the success of this request. */
  isWatched?: boolean
}

interface PlainStep {
  stmts: readonly Stmt[]
  /** Returns false if the statements only declare a variable that no other code uses. Such statements are left out. */
  isUsed?: () => boolean
}

/** A controller. Its code has one or more bodies, such as the branches of an `if`. Each body has its own list of steps. */
interface Block {
  parts: readonly (readonly Step[])[]
  write: (bodies: readonly (readonly Stmt[])[]) => readonly Stmt[]
  /** The condition that the code tests before it runs the steps. */
  test?: Expr
  /** `true` if the steps can run several times in a row. */
  repeats?: boolean
  /** `true` if the code of the controller always runs at least one of the bodies. */
  isCertain?: boolean
}

/** Steps that run only the first time that a user reaches them. */
export interface Once {
  once: readonly Step[]
  /** The condition that is true until the steps have run. */
  test: Expr
  /** The statement that records that the steps have run. */
  mark?: Stmt
  /** `true` if a user reaches these steps in each iteration. */
  isCertain: boolean
}

/** The user's field that stores whether the last request succeeded. */
export const lastOk = { k: 'member', of: self, name: 'lastOk' } as const satisfies Expr

/** Returns a step that consists of a TODO comment about an element. */
export function todoStep(plan: Plan, element: Element, why: string): Step {
  return { stmts: [comment(todoFor(plan, element, why))] }
}

/** Returns a controller with one body. */
export function around(steps: readonly Step[], write: (body: readonly Stmt[]) => readonly Stmt[]): Block {
  return { parts: [steps], write: ([body = []]) => write(body) }
}

interface StepPlace {
  host: string
  base: string
  names: Names
  /** Translates a request of a hook. Absent if the steps do not belong to a hook. */
  write?: (request: ImportedRequest, place: Place) => Stmt[]
}

/** Converts the steps of one method to statements. */
export function stmtsOf(steps: readonly Step[], place: StepPlace): Stmt[] {
  return steps.flatMap((step): readonly Stmt[] => {
    if ('stmts' in step) return step.isUsed?.() === false ? [] : step.stmts
    if ('request' in step) return requestStep(step, place)
    // Each block has its own names, so that two blocks can use the same name.
    const inner = { ...place, names: place.names.copy() }
    if ('once' in step) {
      const body = stmtsOf(step.once, inner)
      return body.length === 0
        ? []
        : [{ k: 'if', test: step.test, yes: [...(step.mark ? [step.mark] : []), ...body], no: [] }]
    }
    const bodies = step.parts.map((part) => stmtsOf(part, inner))
    return bodies.every((body) => body.length === 0) ? [] : step.write(bodies)
  })
}

function requestStep(step: RequestStep, place: StepPlace): readonly Stmt[] {
  if (place.write) return place.write(watched(step), place)
  return step.request.script ? requestStmts(watched(step), place) : sent(step, requestStmts(step.request, place))
}

const noScript: RequestScript = { before: [], headers: [], comments: [], checks: [], common: [], extractions: [] }

/** Adds a statement that stores whether a request succeeded. The statement runs before the scripts that use the response. */
function watched({ request, isWatched }: RequestStep): ImportedRequest {
  const { script } = request
  if (isWatched !== true) return request
  return {
    ...request,
    script: (place) => {
      const own = script?.(place) ?? noScript
      return {
        ...own,
        after: (response) => [expression(assign(lastOk, member(response, 'ok'))), ...(own.after?.(response) ?? [])],
      }
    },
  }
}

/**
 * Adds code that stores whether a request succeeded. If the request has extractions, the code is after them and stores `true`. If the request fails,
 * an extraction ends the task, so the code does not run.
 */
function sent({ isWatched }: RequestStep, stmts: readonly Stmt[]): readonly Stmt[] {
  const last = stmts.at(-1)
  if (isWatched !== true || !last) return stmts
  if (last.k !== 'expr' || last.of.k !== 'await') return [...stmts, expression(assign(lastOk, bool(true)))]
  return [...stmts.slice(0, -1), expression(assign(lastOk, member(last.of, 'ok')))]
}

/** Returns all requests, in their order. */
export function requestsIn(steps: readonly Step[]): ImportedRequest[] {
  return steps.flatMap((step) => {
    if ('request' in step) return [step.request]
    if ('stmts' in step) return []
    return 'once' in step ? requestsIn(step.once) : step.parts.flatMap(requestsIn)
  })
}

/** If the scenario sets a header once for each user, removes this header from the requests. */
export function withoutHeaders(steps: readonly Step[], shared: readonly Pair[]): Step[] {
  if (shared.length === 0) return [...steps]
  const names = new Set(shared.map(({ name }) => name))
  return steps.map((step): Step => {
    if ('stmts' in step) return step
    if ('once' in step) return { ...step, once: withoutHeaders(step.once, shared) }
    if ('parts' in step) return { ...step, parts: step.parts.map((part) => withoutHeaders(part, shared)) }
    const headers = step.request.headers.filter(({ name }) => !names.has(name))
    return { ...step, request: { ...step.request, headers } }
  })
}

/** Marks a request if a later condition depends on the success of this request. */
export function watchRequests(steps: readonly Step[], before: ReadonlySet<RequestStep> = new Set()): void {
  let last = before
  for (const step of steps) {
    if (readsLast(step)) watch(last)
    if ('once' in step) watchRequests(step.once, last)
    if ('parts' in step) watchParts(step, last)
    const { ends, isCertain } = endsOf([step])
    last = new Set([...(isCertain ? [] : last), ...ends])
  }
}

function watchParts(step: Block, last: ReadonlySet<RequestStep>): void {
  const ends = step.parts.flatMap((part) => [...endsOf(part).ends])
  if (step.repeats && readsLast(step)) watch(ends)
  for (const part of step.parts) watchRequests(part, step.repeats ? new Set([...last, ...ends]) : last)
}

function watch(requests: Iterable<RequestStep>): void {
  for (const one of requests) one.isWatched = true
}

function readsLast(step: Step): boolean {
  const code = 'parts' in step ? step.test : 'stmts' in step ? step.stmts : undefined
  return some(code, (node) => node.k === 'member' && node.of.k === 'this' && node.name === lastOk.name)
}

/** Returns each request that can be the last request of the steps. `isCertain` is true if the steps always send at least one request. */
function endsOf(steps: readonly Step[]): { ends: Set<RequestStep>; isCertain: boolean } {
  const ends = new Set<RequestStep>()
  for (const step of steps.toReversed()) {
    if ('request' in step) return { ends: ends.add(step), isCertain: true }
    const inner = ('once' in step ? [step.once] : 'parts' in step ? step.parts : []).map((part) => endsOf(part))
    for (const part of inner) for (const one of part.ends) ends.add(one)
    const isCertain = 'parts' in step && step.isCertain === true && inner.every((part) => part.isCertain)
    if (isCertain) return { ends, isCertain }
  }
  return { ends, isCertain: false }
}
