import { asMicrotask } from '../../../guard/built-ins.ts'
import type { HtmlPage, Pending, Response } from '../../../../core/authoring/requests/http.ts'
import type { StandardSchema } from '../../../../core/authoring/requests/schema.ts'
import { refuseSurplus } from '../../../../core/values-in-words.ts'
import type { Outgoing } from './outgoing.ts'
import { type Failure, TaskEnd } from './failure.ts'
import { type Check, checksOf } from './judging/checks.ts'
import { type Expected, alsoExpected } from './judging/expected.ts'
import { checkHeader, checkPattern, checkSchema } from './judging/extraction-checks.ts'
import type { Extraction } from './judging/extract.ts'
import type { Judged } from './judging/outcome.ts'
import type { ResponseBody } from './judging/response.ts'
import type { RouteRow } from '../counting/recorder.ts'

export interface CallPlan {
  /** The number of the request within the current life of the user: 1, 2, 3 … */
  number: number
  row: RouteRow
  /** The absolute URL of the first hop. */
  url: string
  outgoing: Outgoing
  timeoutMs: number
  redirects: number
  /** The time at which the request was due, on the engine's clock. */
  intentMs: number
  /** The lag of the user before this call, in milliseconds. */
  lagBeforeMs: number
  /**
   * The time, in milliseconds, that the user has lost through lag since its last request. The value is negative if the user made up for lost time.
   * The value is null if the user has no pacing grid: all lag of such a user is lost time.
   */
  pacedLossMs: number | null
  /** A response with a successful status may describe a failure in its body. Returns this failure; null if the body does not describe a failure. */
  verify: ((body: ResponseBody) => Failure | null) | null
}

const none: readonly never[] = Object.freeze([])

/** `ticks` is the number of ended ticks in which at least one call was made. `tickEnds` is true if the end of the current tick is scheduled. */
let ticks = 0
let tickEnds = false

/** Returns the number of the current tick. All HTTP calls of one tick share the microtask that ends the tick. */
function presentTick(): number {
  if (!tickEnds) asMicrotask(endTick)
  tickEnds = true
  return ticks
}

function endTick(): void {
  ticks++
  tickEnds = false
}

function mayRunCode(extraction: Extraction): boolean {
  return extraction.kind === 'match' || ('schema' in extraction && extraction.schema !== undefined)
}

/**
 * The scenario's view of a request: a promise with the methods `expect`, `check`, `json`, `html`, `data`, `text`, `header` and `match`. These methods
 * must be called in the tick in which the request was made. The subclass `Call` sends the request.
 */
export abstract class Chain extends Promise<Response> implements Pending {
  readonly plan: CallPlan
  expectation: Expected | undefined
  /**
   * `true` if the scenario used the promise of the request (awaited it, chained it or passed it on) or extracted a value. The value need not be
   * awaited.
   */
  used = false
  /** `true` if a chained call can read the body. */
  bodyAsked = false
  /** `true` if burst refused a chained call, such as `.json()`. The scenario then cannot await the request. */
  refused = false
  checks: readonly Check[] = none
  extractions: readonly Extraction[] = none

  override readonly [Symbol.toStringTag] = 'Pending'
  readonly #resolve: (response: Response) => void
  readonly #reject: (error: Error) => void
  /** `true` if the scenario has used the request as a promise. An extracted value has its own promise, which does not count here. */
  #asked = false
  /** The outcome of the request. */
  #end: Response | Error | undefined
  /** The tick in which the scenario made the request. */
  readonly #tick = presentTick()

  constructor(plan: CallPlan) {
    let resolve!: (response: Response) => void
    let reject!: (error: Error) => void
    super((resolves, rejects) => {
      resolve = resolves
      reject = rejects
    })
    this.plan = plan
    this.#resolve = resolve
    this.#reject = reject
  }

  expect(given: unknown, message?: string): this {
    this.#chain('expect')
    this.expectation = this.taken(() => alsoExpected(this.expectation, given, message, this.plan.timeoutMs))
    if (this.expectation.bodies.length + this.expectation.tests.length > 0) this.askForBody()
    return this
  }

  check(name: unknown, passed?: unknown): this {
    this.#chain('check')
    this.#atMost(2, arguments, 'check() takes a name and a function that receives the response')
    this.checks = [...this.checks, ...this.taken(() => checksOf(name, passed))]
    this.askForBody()
    return this
  }

  json(schema?: StandardSchema): Promise<never> {
    this.#atMost(1, arguments, 'json() takes a schema, or nothing')
    this.taken(() => checkSchema(schema))
    return this.extract('json', { kind: 'json', schema })
  }

  abstract html(): Promise<HtmlPage>

  data(schema?: StandardSchema): Promise<never> {
    this.#atMost(1, arguments, 'data() takes a schema, or nothing')
    this.taken(() => checkSchema(schema, 'data'))
    return this.extract('data', { kind: 'data', schema })
  }

  text(): Promise<string> {
    this.#atMost(0, arguments, 'text() takes nothing')
    return this.extract('text', { kind: 'text' })
  }

  header(name: string): Promise<string> {
    this.#atMost(1, arguments, 'header() takes the name of a header')
    this.taken(() => checkHeader(name))
    return this.extract('header', { kind: 'header', name })
  }

  match(pattern: RegExp): Promise<string> {
    this.#atMost(1, arguments, 'match() takes a RegExp, and returns what the first group of the RegExp matched')
    this.taken(() => checkPattern(pattern))
    return this.extract('match', { kind: 'match', pattern })
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a Pending is a promise; it resolves with a plain Response, never with itself
  override then<A = Response, B = never>(
    fulfilled?: ((response: Response) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.ask()
    return super.then(fulfilled, rejected)
  }

  override catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Response | B> {
    return this.then(null, rejected)
  }

  override finally(settled?: (() => void) | null): Promise<Response> {
    return this.then(null).finally(settled)
  }

  /** `true` if code of the scenario may run when the request is judged. */
  get runsOwnCode(): boolean {
    if (this.checks.length > 0) return true
    const { expectation, extractions } = this
    if (expectation && expectation.bodies.length + expectation.tests.length > 0) return true
    return extractions.some(mayRunCode)
  }

  /** Resolves or rejects the promises of the request, according to the judgement of the request. */
  protected answer({ failure, response, values }: Judged): void {
    const rejects = failure !== null && (this.expectation !== undefined || this.extractions.length > 0)
    const end = rejects ? new TaskEnd(failure.message) : null
    if (this.extractions.length > 0) this.#answerExtractions(end, values)
    this.#settle(end && this.expectation ? end : response)
  }

  #answerExtractions(end: Error | null, values: readonly unknown[]): void {
    this.extractions.forEach((extraction, index) => {
      if (end) refuse(extraction, end)
      else extraction.resolve?.(values[index] as never)
    })
  }

  /** Rejects the promises of a request that is not judged. */
  protected breakOff(error: Error): void {
    for (const extraction of this.extractions) refuse(extraction, error)
    this.#settle(error)
  }

  #settle(end: Response | Error): void {
    this.#end = end
    if (this.#asked) this.#pass(end)
  }

  /**
   * Called when the scenario uses the promise of the request. Until then, the promise stays pending, because no code of the scenario would handle a
   * rejection.
   */
  ask(): void {
    this.used = true
    if (this.#asked) return
    this.#asked = true
    if (this.#end) this.#pass(this.#end)
  }

  #pass(end: Response | Error): void {
    if (!(end instanceof Error)) return this.#resolve(end)
    void super.then(undefined, ignoreUnobserved)
    this.#reject(end)
  }

  protected extract<T>(what: string, extraction: Extraction): Promise<T> {
    this.#chain(what)
    this.used = true
    if (extraction.kind !== 'header' && extraction.kind !== 'ended') this.askForBody()
    const promise = new Promise<T>((resolve, reject) => {
      extraction.resolve = resolve
      extraction.reject = reject
    })
    extraction.promise = promise
    this.extractions = [...this.extractions, extraction]
    return promise
  }

  /** Makes the exchange keep the body of the response. */
  askForBody(): void {
    this.bodyAsked = true
    this.plan.outgoing.keepBody = true
  }

  /** Checks the arguments of a chained call. If `check` throws, burst treats the call as refused. */
  protected taken<T>(check: () => T): T {
    try {
      return check()
    } catch (refusal) {
      this.refused = true
      throw refusal
    }
  }

  #atMost(most: number, given: IArguments, takes: string): void {
    if (given.length > most) this.taken(() => refuseSurplus(given, most, takes))
  }

  #chain(what: string): void {
    if (this.#tick === ticks) return
    this.refused = true
    throw new Error(`.${what}() must be chained to the request in the same tick, before anything is awaited`)
  }
}

/**
 * Makes `await` use the call itself instead of a second promise. `await` reads the property `constructor` of a promise, and uses the promise itself
 * if the value is `Promise` (ECMAScript, PromiseResolve). The read also tells burst that the scenario awaits the call.
 */
export function awaitedItself(prototype: Chain): void {
  void Object.defineProperty(prototype, 'constructor', {
    configurable: true,
    get(this: Chain) {
      this.ask()
      return Promise
    },
  })
}

/** Rejects the promise of an extraction. The scenario does not have to handle the rejection, because the failure is counted. */
function refuse({ promise, reject }: Extraction, error: Error): void {
  promise?.catch(ignoreUnobserved)
  reject?.(error)
}

/** Handles a rejection that the scenario does not handle. The failure has already been counted, and must not end the process. */
export function ignoreUnobserved(): void {
  // The failure is already in the statistics.
}
