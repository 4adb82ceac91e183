import { performance } from '../../../guard/built-ins.ts'
import type { Resumable } from '../scheduling/ready-queue.ts'
import { type CallPlan, Chain } from './chain.ts'
import type { Exchange, ExchangeOwner, Outgoing } from './exchange.ts'
import { CutOff, type Failure, failureOf } from './failure.ts'
import { type Judged, judge } from './judging/outcome.ts'
import { wordsOf } from '../counting/thrown.ts'
import { nextHop } from './next-hop.ts'
import { milliseconds } from '../../../../core/words.ts'

/** What calls need of the user that makes them and of the engine: one object per user. */
export interface CallContext {
  /** Nothing further is sent. */
  readonly silent: boolean
  /** The scenario is told of each finished request. */
  readonly hooked: boolean
  /** Where a hop goes and comes back from; counts a sent hop. */
  exchange(outgoing: Outgoing, owner: ExchangeOwner): Exchange
  /** Keeps cookies of a response. */
  storeCookies(exchange: Exchange, url: string): void
  cookieHeader(origin: string, path: string): string | undefined
  mayRedirect(from: string, to: URL): boolean
  /** Told of each hop that is followed by another, where somebody wants to see them. */
  redirected(call: Call, exchange: Exchange): void
  /** The user is to be resumed in its turn: `call.resume` is called. */
  arrange(call: Call): void
  /** Runs what may run code of the scenario, such as its checks, so that feeds and `Math.random` in it know whose it is. */
  asUser(run: () => void): void
  /** Counts the finished call. */
  finished(call: Call, judged: Judged, lagMs: number): void
  interrupted(call: Call): void
}

/** One request of a user, redirects included. It is judged and counted once, in the user's turn. */
export class Call extends Chain implements ExchangeOwner, Resumable {
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

  readonly #context: CallContext
  /** Its last hop has ended. */
  #over = false
  #counted = false
  #firstWriteMs = 0
  /** Why its last hop failed, until it is judged. */
  #failure: Failure | null = null

  constructor(plan: CallPlan, context: CallContext, nowMs: number) {
    super(plan)
    this.url = plan.url
    this.outgoing = plan.outgoing
    this.#context = context
    this.calledMs = nowMs
    this.deadlineMs = nowMs + plan.timeoutMs
    this.exchange = context.exchange(plan.outgoing, this)
    this.exchange.begin(nowMs)
  }

  /** When its user could have been resumed. */
  get dueMs(): number {
    return this.exchange.endMs
  }

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
    this.breakOff(new CutOff())
  }

  exchangeDone(exchange: Exchange): void {
    if (this.#over) return
    this.#noteHop(exchange)
    const next = this.#goOn(exchange)
    if (next === 'cut off') this.abandon()
    else if (next !== 'followed') this.#finish(next)
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
    this.#context.redirected(this, exchange)
    exchange.dropBody()
    this.url = hop.url.href
    this.outgoing = hop.outgoing
    const cookie = this.#context.cookieHeader(hop.outgoing.origin, hop.outgoing.path)
    delete hop.outgoing.headers['cookie']
    if (cookie) hop.outgoing.headers['cookie'] = cookie
    this.exchange = this.#context.exchange(hop.outgoing, this)
    this.exchange.begin(performance.now())
    return 'followed'
  }

  #transportFailure(error: Error, exchange: Exchange): Failure {
    if (error instanceof TimedOut) {
      return { kind: 'timeout', message: `no complete answer within ${milliseconds(this.plan.timeoutMs)}` }
    }
    return failureOf(error, exchange)
  }

  #finish(failure: Failure | null): void {
    this.#over = true
    this.#failure = failure
    this.#context.arrange(this)
  }

  /** Its user's turn: the response is judged, and the user goes on. */
  resume(lagMs: number): void {
    if (this.#context.hooked || this.runsOwnCode) this.#context.asUser(() => this.#judge(lagMs))
    else this.#judge(lagMs)
  }

  #judge(lagMs: number): void {
    const judged = judge(this, this.#failure)
    if (judged instanceof Promise) void judged.then((late) => this.#settle(late, lagMs))
    else this.#settle(judged, lagMs)
  }

  /** The promise is settled whatever happens while it is counted. */
  #settle(judged: Judged, lagMs: number): void {
    if (this.#counted) return
    this.#counted = true
    try {
      this.#context.finished(this, judged, lagMs)
    } finally {
      this.answer(judged)
    }
  }
}

class TimedOut extends Error {}
