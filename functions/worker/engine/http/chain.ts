import { queueMicrotask } from '../../../guard/built-ins.ts'
import type { Pending, Response } from '../../../../core/authoring/http.ts'
import type { StandardSchema } from '../../../../core/authoring/schema.ts'
import type { Outgoing } from './exchange.ts'
import { TaskEnd } from './failure.ts'
import { type Check, checksOf } from './judging/checks.ts'
import { type Expected, alsoExpected } from './judging/expected.ts'
import { checkHeader, checkPattern, checkSchema } from './judging/extraction-checks.ts'
import type { Extraction, Judged } from './judging/outcome.ts'
import type { RouteRow } from '../counting/recorder.ts'

export interface CallPlan {
  /** The number of the request in its user's life: 1, 2, 3 … */
  number: number
  row: RouteRow
  /** Absolute URL of the first hop. */
  url: string
  outgoing: Outgoing
  timeoutMs: number
  redirects: number
  intentMs: number
  /** The user lag before this call, milliseconds. */
  lagBeforeMs: number
  /** On a pacing grid: time that lag has cost the user since its last request, negative where it made up for some; null: all lag does. */
  pacedLossMs: number | null
}

const none: readonly never[] = Object.freeze([])

/** Ticks in which calls were made, and whether the present one has its end scheduled. */
let ticks = 0
let tickEnds = false

/** Calls of one tick share one microtask, which ends it. */
function presentTick(): number {
  if (!tickEnds) queueMicrotask(endTick)
  tickEnds = true
  return ticks
}

function endTick(): void {
  ticks++
  tickEnds = false
}

function mayRunCode(extraction: Extraction): boolean {
  return extraction.kind === 'match' || (extraction.kind === 'json' && extraction.schema !== undefined)
}

/**
 * The scenario's view of a request: a promise with `expect`, `check`, `json`, `text`, `header` and `match`, chained in the tick of the
 * call. `Call` is the request itself.
 */
export abstract class Chain implements Pending {
  readonly plan: CallPlan
  expectation: Expected | undefined
  /** Whether the scenario used its promise, or that of an extraction: awaited it, chained to it or passed it on. */
  used = false
  /** Whether something that was chained can read the body. */
  bodyAsked = false
  /** Whether a chained call was refused, so that the scenario could not await it. */
  refused = false
  checks: readonly Check[] = none
  extractions: readonly Extraction[] = none

  readonly [Symbol.toStringTag] = 'Pending'
  #settled: Promise<Response> | undefined
  #resolve: ((response: Response) => void) | undefined
  #reject: ((error: Error) => void) | undefined
  /** How it ended, while its promise was not asked for. */
  #end: Response | Error | undefined
  /** The tick in which it was made. */
  readonly #tick = presentTick()

  constructor(plan: CallPlan) {
    this.plan = plan
  }

  expect(given: unknown, message?: string): this {
    this.#chain('expect')
    this.expectation = this.#taken(() => alsoExpected(this.expectation, given, message, this.plan.timeoutMs))
    if (this.expectation.bodies.length + this.expectation.tests.length > 0) this.#askForBody()
    return this
  }

  check(name: unknown, passed?: unknown): this {
    this.#chain('check')
    this.checks = [...this.checks, ...this.#taken(() => checksOf(name, passed))]
    this.#askForBody()
    return this
  }

  json(schema?: StandardSchema): Promise<never> {
    this.#taken(() => checkSchema(schema))
    return this.#extract('json', { kind: 'json', schema })
  }

  text(): Promise<string> {
    return this.#extract('text', { kind: 'text' })
  }

  header(name: string): Promise<string> {
    this.#taken(() => checkHeader(name))
    return this.#extract('header', { kind: 'header', name })
  }

  match(pattern: RegExp): Promise<string> {
    this.#taken(() => checkPattern(pattern))
    return this.#extract('match', { kind: 'match', pattern })
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a Pending is a promise; it resolves with a plain Response, never with itself
  then<A = Response, B = never>(
    fulfilled?: ((response: Response) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.used = true
    return this.#promise().then(fulfilled, rejected)
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Response | B> {
    return this.then(null, rejected)
  }

  finally(settled?: (() => void) | null): Promise<Response> {
    return this.then(null).finally(settled)
  }

  /** Whether its judgement may run code of the scenario. */
  get runsOwnCode(): boolean {
    if (this.checks.length > 0) return true
    const { expectation, extractions } = this
    if (expectation && expectation.bodies.length + expectation.tests.length > 0) return true
    return extractions.some(mayRunCode)
  }

  /** Settles its promises according to the judgement. */
  protected answer({ failure, response, values }: Judged): void {
    const rejects = failure !== null && (this.expectation !== undefined || this.extractions.length > 0)
    const end = rejects ? new TaskEnd(failure.message) : null
    if (this.extractions.length > 0) this.#answerExtractions(end, values)
    this.#settle(end && this.expectation ? end : response)
  }

  #answerExtractions(end: Error | null, values: readonly unknown[]): void {
    this.extractions.forEach((extraction, index) => {
      if (end) extraction.reject?.(end)
      else extraction.resolve?.(values[index] as never)
    })
  }

  /** Settles its promises, without a judgement. */
  protected breakOff(error: Error): void {
    for (const extraction of this.extractions) extraction.reject?.(error)
    this.#settle(error)
  }

  #settle(end: Response | Error): void {
    if (this.#settled === undefined) this.#end = end
    else if (end instanceof Error) this.#reject?.(end)
    else this.#resolve?.(end)
  }

  /** Made when somebody asks for it: most calls have one of the extractions' instead. */
  #promise(): Promise<Response> {
    this.#settled ??= new Promise((resolve, reject) => {
      if (this.#end instanceof Error) reject(this.#end)
      else if (this.#end) resolve(this.#end)
      this.#resolve = resolve
      this.#reject = reject
    })
    return this.#settled
  }

  #extract<T>(what: string, extraction: Extraction): Promise<T> {
    this.#chain(what)
    this.used = true
    if (extraction.kind !== 'header') this.#askForBody()
    const promise = new Promise<T>((resolve, reject) => {
      extraction.resolve = resolve
      extraction.reject = reject
    })
    promise.catch(ignoreUnobserved)
    this.extractions = [...this.extractions, extraction]
    return promise
  }

  #askForBody(): void {
    this.bodyAsked = true
    this.plan.outgoing.keepBody = true
  }

  /** Checks a chained argument, and notes a refusal. */
  #taken<T>(check: () => T): T {
    try {
      return check()
    } catch (refusal) {
      this.refused = true
      throw refusal
    }
  }

  #chain(what: string): void {
    if (this.#tick === ticks) return
    this.refused = true
    throw new Error(`.${what}() must be chained to the request in the same tick, before anything is awaited`)
  }
}

/** An unhandled rejection has been counted already; it must not end the process. */
function ignoreUnobserved(): void {
  // nothing to do: the failure is in the statistics
}
