import type { Expectation, Pending, Response } from '../../../../core/authoring/http.ts'
import type { StandardSchema } from '../../../../core/authoring/schema.ts'
import { durationMs } from '../../../../core/duration.ts'
import { Exchange, type Outgoing } from './exchange.ts'
import { CutOff, type Failure, TaskEnd, failureOf } from './failure.ts'
import { type Extraction, type Judged, judge } from './outcome.ts'
import type { RouteRow } from '../counting/recorder.ts'
import { nextHop } from './redirect.ts'

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
  expectation: Expectation | undefined
  readonly checks: { name: string; passed: (response: Response) => boolean }[] = []
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

  expect(expectation: number | Expectation): this {
    this.#chain('expect')
    this.expectation = {
      ...this.expectation,
      ...(typeof expectation === 'number' ? { status: expectation } : expectation),
    }
    if (this.expectation.body) this.plan.outgoing.keepBody = true
    if (this.expectation.under) durationMs(this.expectation.under, 'expect({ under })')
    return this
  }

  check(name: string, passed: (response: Response) => boolean): this {
    this.#chain('check')
    this.checks.push({ name, passed })
    return this
  }

  json(schema?: StandardSchema): Promise<never> {
    return this.#extract('json', { kind: 'json', schema })
  }

  text(): Promise<string> {
    return this.#extract('text', { kind: 'text' })
  }

  header(name: string): Promise<string> {
    return this.#extract('header', { kind: 'header', name })
  }

  match(pattern: RegExp): Promise<string> {
    return this.#extract('match', { kind: 'match', pattern })
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a Pending is a promise; it resolves with a plain Response, never with itself
  then<A = Response, B = never>(
    fulfilled?: ((response: Response) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#settled.then(fulfilled, rejected)
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Response | B> {
    return this.#settled.catch(rejected)
  }

  finally(settled?: (() => void) | null): Promise<Response> {
    return this.#settled.finally(settled)
  }

  // ---- by the engine

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

  /** Its chain of redirects is not over, but its user's time is. */
  #cutOff(): void {
    this.#over = true
    this.abandon()
  }

  /** Waits for no judgement: hops that were written count as interrupted, nothing else does. */
  abandon(): void {
    if (this.#counted) return
    this.#counted = true
    this.#context.interrupted(this)
    const stopped = new CutOff()
    this.#reject(stopped)
    for (const extraction of this.extractions) extraction.reject?.(stopped)
  }

  readonly #hopDone = (exchange: Exchange): void => {
    if (this.#over) return
    this.#noteHop(exchange)
    if (!exchange.error) {
      this.#context.storeCookies(exchange, this.url)
      const failure = this.#follow(exchange)
      if (failure === 'followed') return
      if (failure === 'cut off') return this.#cutOff()
      if (failure) return this.#finish(exchange, failure)
    }
    this.#finish(exchange, exchange.error ? this.#transportFailure(exchange.error, exchange) : null)
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
      return { kind: 'timeout', message: `no complete answer within ${this.plan.timeoutMs / 1000} s` }
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

  #settle(judged: Judged, lagMs: number): void {
    if (this.#counted) return
    this.#counted = true
    this.#context.finished(this, judged, lagMs)
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
    if (extraction.kind !== 'header') this.plan.outgoing.keepBody = true
    const promise = new Promise<T>((resolve, reject) => {
      extraction.resolve = resolve
      extraction.reject = reject
    })
    promise.catch(ignoreUnobserved)
    this.extractions.push(extraction)
    return promise
  }

  #chain(what: string): void {
    if (this.#chainable) return
    throw new Error(`.${what}() must be chained to the request in the same tick, before anything is awaited`)
  }
}

class TimedOut extends Error {}

/** A rejection that nobody awaits has been counted already; it must not end the process. */
function ignoreUnobserved(): void {
  // nothing to do: the failure is in the statistics
}
