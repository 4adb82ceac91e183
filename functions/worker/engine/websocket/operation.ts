import { performance } from '../../../guard/built-ins.ts'
import type { CountedCall, CountedOutcome } from '../counted-call.ts'
import type { CallPlan } from '../http/chain.ts'
import type { ConnectPhases } from '../http/connection/connector.ts'
import type { Timed } from '../http/deadlines.ts'
import type { Outgoing } from '../http/outgoing.ts'
import { CutOff, type Failure, TaskEnd } from '../http/failure.ts'
import { failureEvent } from '../failure-event.ts'
import type { InFlight } from '../users/context.ts'
import { tracedHeaders } from '../trace.ts'
import type { SocketContext } from './services.ts'

/** The times and sizes of an operation. An operation is counted like a request. */
interface Facts {
  sentMs: number
  firstByteMs: number
  endMs: number
  bytesIn: number
  phases: ConnectPhases | null
  chunks: readonly Buffer[]
  headers: Record<string, string | string[] | undefined>
}

/** When the measured latency of an operation ends, and by how much this latency may be too long. */
interface Answer {
  /** The time at which the measured latency ends. */
  answeredMs: number
  /** The maximum time by which the generator may have lengthened the measured latency, in milliseconds. */
  timingErrorMs: number
}

/** The outcome of an operation. */
export interface End<T> {
  /** The HTTP status; 0 if there was no response. */
  status: number
  failure: Failure | null
  /** The value that the user receives if the operation has not failed. */
  value?: T
}

/**
 * An operation that a user awaits on a WebSocket connection: the opening, or a round trip. The operation is counted as one request when the ready
 * queue resumes the user.
 */
export abstract class Operation<T> implements CountedCall, InFlight, Timed {
  readonly plan: CallPlan
  readonly outgoing: Outgoing
  readonly url: string
  readonly exchange: Facts = {
    sentMs: 0,
    firstByteMs: 0,
    endMs: 0,
    bytesIn: 0,
    phases: null,
    chunks: [],
    headers: {},
  }
  readonly calledMs: number
  readonly deadlineMs: number
  readonly reconnects = 0
  /** Always 0, because the bytes of messages are counted when they are sent. */
  readonly bytesOut = 0
  readonly refused: boolean = false
  sendLagMs = 0
  timingErrorMs = 0
  answeredMs = 0
  hops = 0
  over = false
  listedAt = -1

  protected readonly context: SocketContext
  readonly #result = Promise.withResolvers<T>()
  #counted = false
  #end: End<T> = { status: 0, failure: null }

  constructor(plan: CallPlan, context: SocketContext, calledMs: number) {
    this.plan = plan
    this.outgoing = plan.outgoing
    this.url = plan.url
    this.context = context
    this.calledMs = calledMs
    this.deadlineMs = calledMs + plan.timeoutMs
    this.promise.catch(ignoreUnobserved)
    context.user.inFlight.add(this)
    context.deadlines.add(this)
  }

  /** Returns false, because a target may send a message at any time. */
  isOverdue(): boolean {
    return false
  }

  get promise(): Promise<T> {
    return this.#result.promise
  }

  // oxlint-disable-next-line unicorn/no-thenable -- the end of a task awaits what is in flight
  get then(): Promise<T>['then'] {
    return this.promise.then.bind(this.promise)
  }

  get sentMs(): number {
    return this.exchange.sentMs
  }

  get dueMs(): number {
    return this.exchange.endMs
  }

  abstract timeOut(): void

  /** Releases the resources of the operation. Called when the operation ends without a result. */
  protected abstract release(): void

  interrupt(): void {
    if (this.over) return
    this.over = true
    this.exchange.endMs = performance.now()
    this.release()
    this.abandon()
  }

  abandon(): void {
    if (this.#counted) return
    this.#counted = this.over = true
    this.#forget()
    this.context.accounts.interrupted(this, this.context.user)
    this.#result.reject(new CutOff())
  }

  /**
   * Ends the operation at `endMs`. `settle` counts the operation later. `answer` says when the measured latency ends. Without `answer`, the latency
   * ends at `endMs`.
   */
  protected finish(endMs: number, end: End<T>, answer?: Answer): void {
    if (this.over) return
    this.over = true
    this.exchange.endMs = endMs
    this.answeredMs = answer?.answeredMs ?? endMs
    this.timingErrorMs = answer?.timingErrorMs ?? this.context.meter.waitedMs(endMs)
    this.#end = end
    if (end.failure) this.release()
  }

  /** Counts the operation, and lets the user continue. Called when the ready queue resumes the user. */
  settle(lagMs: number): void {
    if (this.#counted) return
    this.#counted = true
    const { status, failure, value } = this.#end
    const { answeredMs, sentMs } = this
    try {
      this.#forget()
      this.context.user.pace.responseEnded(answeredMs, lagMs)
      const response = { status, latencyMs: sentMs === 0 ? 0 : answeredMs - sentMs }
      this.#count({ response, failure, checks: [] }, lagMs)
    } finally {
      if (failure) this.#result.reject(new TaskEnd(failure.message))
      else this.#result.resolve(value as T)
    }
  }

  #count(outcome: CountedOutcome, lagMs: number): void {
    const { accounts, harm, trace, user, events } = this.context
    accounts.finished(this, user, outcome, lagMs)
    if (outcome.failure) harm.meet(user)
    if (outcome.failure) events?.tell(failureEvent(this, user, outcome, outcome.failure), user)
    if (trace) this.trace(outcome)
  }

  /** Shows the operation in `burst debug`. */
  protected trace({ response: { status, latencyMs }, failure }: CountedOutcome): void {
    const { user, trace } = this.context
    const { plan, url, exchange } = this
    trace?.({
      kind: 'exchange',
      exchange: {
        method: 'WS',
        url: url.replace(/^http/i, 'ws'),
        requestHeaders: tracedHeaders(this.outgoing.headers),
        requestBody: null,
        status,
        responseHeaders: tracedHeaders(exchange.headers),
        responseBody: null,
        hopMs: latencyMs,
        redirects: [],
        user: user.index,
        iteration: user.iterations,
        call: plan.number,
        name: plan.row.name,
        bytesIn: exchange.bytesIn,
        latencyMs,
        failure: failure?.message ?? null,
        isRoundTrip: this.isRoundTrip,
      },
    })
  }

  /** `true` for a round trip on an open connection. */
  protected get isRoundTrip(): boolean {
    return false
  }

  #forget(): void {
    this.context.user.inFlight.delete(this)
    this.context.deadlines.remove(this)
  }
}

/** Handles a rejection that the scenario does not handle. The failure has already been counted, and must not end the process. */
function ignoreUnobserved(): void {
  // The failure is already in the statistics.
}
