import { performance, queueMicrotask } from '../../../guard/built-ins.ts'
import type { Pending, Response } from '../../../../core/authoring/http.ts'
import type { StandardSchema } from '../../../../core/authoring/schema.ts'
import { Exchange, type Outgoing } from './exchange.ts'
import { CutOff, type Failure, TaskEnd, failureOf } from './failure.ts'
import { type Check, checksOf } from './judging/checks.ts'
import { type Expected, alsoExpected } from './judging/expected.ts'
import { checkHeader, checkPattern, checkSchema } from './judging/extraction-checks.ts'
import { type Extraction, type Judged, judge } from './judging/outcome.ts'
import type { RouteRow } from '../counting/recorder.ts'
import { wordsOf } from '../counting/thrown.ts'
import { nextHop } from './next-hop.ts'
import { milliseconds } from '../../../../core/words.ts'

/** What a call needs of the user that made it and of the engine. */
export interface CallContext {
  /** Nothing further is sent. */
  readonly silent: boolean
  /** Where the request goes and comes back from; counts a sent hop. */
  exchange(outgoing: Outgoing, done: (exchange: Exchange) => void): Exchange
  /** Keeps cookies of a response. */
  storeCookies(exchange: Exchange, url: string): void
  cookieHeader(origin: string, path: string): string | undefined
  mayRedirect(from: string, to: URL): boolean
  /** Told of each hop that is followed by another, where somebody wants to see them. */
  redirected: ((call: Call, exchange: Exchange) => void) | null
  /** The user will be resumed in its turn; `lagMs` later than it could have been. */
  resume(dueMs: number, run: (lagMs: number) => void): void
  /** Counts the finished call. */
  finished(call: Call, judged: Judged, lagMs: number): void
  interrupted(call: Call): void
}

export interface CallPlan {
  /** Which request of its user's life it is: 1, 2, 3 … */
  number: number
  row: RouteRow
  /** Absolute URL of the first hop. */
  url: string
  outgoing: Outgoing
  timeoutMs: number
  redirects: number
  intentMs: number
  /** User lag that fell due before this call, milliseconds. */
  lagBeforeMs: number
}

/**
 * One request of a user, redirects included: a promise with `expect`, `check`, `json`, `text`, `header` and `match` chained to it in the
 * tick of the call. It is judged and counted once, in the user's turn.
 */
export class Call implements Pending {
  readonly plan: CallPlan
  readonly calledMs: number
  readonly deadlineMs: number
  url: string
  /** What the present hop sends. */
  outgoing: Outgoing
  exchange: Exchange
  /** Hops that were written. */
  hops = 0
  /** Hops that were repeated on a new connection, because the target had closed the one that was kept alive. */
  reconnects = 0
  /** First hop written; 0 while it is not. */
  sentMs = 0
  sendLagMs = 0
  /** By how much the latency may be too long through the generator's own doing: its beginning (the first write) and its end (the last read). */
  timingErrorMs = 0
  expectation: Expected | undefined
  /** Its promise, or that of an extraction, was asked for: awaited, chained or handed on. */
  used = false
  /** Something that was chained may look at the body. */
  bodyAsked = false
  /** Something was chained to it that is refused: the scenario could not await it. */
  refused = false
  readonly checks: Check[] = []
  readonly extractions: Extraction[] = []

  readonly [Symbol.toStringTag] = 'Pending'
  readonly #context: CallContext
  readonly #settled: Promise<Response>
  #resolve!: (response: Response) => void
  #reject!: (error: Error) => void
  #chainable = true
  /** Its last hop has ended. */
  #over = false
  #counted = false
  #firstWriteMs = 0

  constructor(plan: CallPlan, context: CallContext) {
    this.plan = plan
    this.url = plan.url
    this.outgoing = plan.outgoing
    this.#context = context
    this.#settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#settled.catch(ignoreUnobserved)
    queueMicrotask(() => (this.#chainable = false))
    this.calledMs = performance.now()
    this.deadlineMs = this.calledMs + plan.timeoutMs
    this.exchange = context.exchange(plan.outgoing, this.#hopDone)
  }

  // ---- chained by the scenario

  expect(given: unknown, message?: string): this {
    this.#chain('expect')
    this.expectation = this.#taken(() => alsoExpected(this.expectation, given, message, this.plan.timeoutMs))
    if (this.expectation.bodies.length + this.expectation.tests.length > 0) this.#askForBody()
    return this
  }

  check(name: unknown, passed?: unknown): this {
    this.#chain('check')
    this.checks.push(...this.#taken(() => checksOf(name, passed)))
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
    return this.#settled.then(fulfilled, rejected)
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Response | B> {
    return this.then(null, rejected)
  }

  finally(settled?: (() => void) | null): Promise<Response> {
    return this.then(null).finally(settled)
  }

  // ---- by the engine

  /** Its last hop has ended; it may still be judged. */
  get over(): boolean {
    return this.#over
  }

  /** Called when `deadlineMs` is over. */
  timeOut(): void {
    this.exchange.cancel(new TimedOut())
  }

  /** Ends it now: the user's time is over. An answer that is there already is judged all the same, in its turn. */
  interrupt(): void {
    if (this.#over) return
    this.#over = true
    this.exchange.cancel(new CutOff())
    this.#noteHop(this.exchange)
    this.abandon()
  }

  /** Waits for no judgement: hops that were written count as interrupted, nothing else does. */
  abandon(): void {
    if (this.#counted) return
    this.#counted = this.#over = true
    this.#context.interrupted(this)
    const stopped = new CutOff()
    this.#reject(stopped)
    for (const extraction of this.extractions) extraction.reject?.(stopped)
  }

  readonly #hopDone = (exchange: Exchange): void => {
    if (this.#over) return
    this.#noteHop(exchange)
    const next = this.#goOn(exchange)
    if (next === 'cut off') this.abandon()
    else if (next !== 'followed') this.#finish(exchange, next)
  }

  /** Whatever happens here, the call is settled. */
  #goOn(exchange: Exchange): 'followed' | 'cut off' | Failure | null {
    if (exchange.error) return this.#transportFailure(exchange.error, exchange)
    try {
      this.#context.storeCookies(exchange, this.url)
      return this.#follow(exchange)
    } catch (thrown) {
      return { kind: 'generator', message: `the response could not be processed: ${wordsOf(thrown)}` }
    }
  }

  #noteHop(exchange: Exchange): void {
    this.reconnects += exchange.reconnects
    if (exchange.hops === 0) return
    this.hops += exchange.hops
    this.sendLagMs += exchange.sendLagMs
    if (this.sentMs === 0) {
      this.sentMs = exchange.sentMs
      this.#firstWriteMs = exchange.writeMs
    }
    this.timingErrorMs = this.#firstWriteMs + exchange.unreadMs
  }

  /** Starts the next hop if the response asks for one. */
  #follow(exchange: Exchange): 'followed' | 'cut off' | Failure | null {
    const hop = nextHop(this, exchange)
    if (hop === null) return null
    if ('kind' in hop) return hop
    if (!this.#context.mayRedirect(this.url, hop.url)) {
      return { kind: 'refused', message: `redirect to ${hop.url.host} not followed: add the host to allow` }
    }
    if (this.#context.silent) return 'cut off'
    this.#context.redirected?.(this, exchange)
    exchange.dropBody()
    this.url = hop.url.href
    this.outgoing = hop.outgoing
    const cookie = this.#context.cookieHeader(hop.outgoing.origin, hop.outgoing.path)
    delete hop.outgoing.headers['cookie']
    if (cookie) hop.outgoing.headers['cookie'] = cookie
    this.exchange = this.#context.exchange(hop.outgoing, this.#hopDone)
    return 'followed'
  }

  #transportFailure(error: Error, exchange: Exchange): Failure {
    if (error instanceof TimedOut) {
      return { kind: 'timeout', message: `no complete answer within ${milliseconds(this.plan.timeoutMs)}` }
    }
    return failureOf(error, exchange)
  }

  #finish(exchange: Exchange, failure: Failure | null): void {
    this.#over = true
    this.#context.resume(exchange.endMs, (lagMs) => {
      const judged = judge(this, failure)
      if (judged instanceof Promise) void judged.then((late) => this.#settle(late, lagMs))
      else this.#settle(judged, lagMs)
    })
  }

  /** The promise is settled whatever happens while it is counted. */
  #settle(judged: Judged, lagMs: number): void {
    if (this.#counted) return
    this.#counted = true
    try {
      this.#context.finished(this, judged, lagMs)
    } finally {
      this.#answer(judged)
    }
  }

  #answer(judged: Judged): void {
    if (judged.failure) {
      const end = new TaskEnd(judged.failure.message)
      for (const extraction of this.extractions) extraction.reject?.(end)
      if (this.expectation) this.#reject(end)
      else this.#resolve(judged.response)
      return
    }
    this.extractions.forEach((extraction, index) => extraction.resolve?.(judged.values[index] as never))
    this.#resolve(judged.response)
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
    this.extractions.push(extraction)
    return promise
  }

  #askForBody(): void {
    this.bodyAsked = true
    this.plan.outgoing.keepBody = true
  }

  /** What was chained, checked; a refusal is noted. */
  #taken<T>(check: () => T): T {
    try {
      return check()
    } catch (refusal) {
      this.refused = true
      throw refusal
    }
  }

  #chain(what: string): void {
    if (this.#chainable) return
    this.refused = true
    throw new Error(`.${what}() must be chained to the request in the same tick, before anything is awaited`)
  }
}

class TimedOut extends Error {}

/** An unhandled rejection has been counted already; it must not end the process. */
function ignoreUnobserved(): void {
  // nothing to do: the failure is in the statistics
}
