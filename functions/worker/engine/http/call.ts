import { performance } from '../../../guard/built-ins.ts'
import type { Resumable } from '../scheduling/ready-queue.ts'
import { type CallPlan, Chain, awaitedItself, ignoreUnobserved } from './chain.ts'
import type { Exchange, ExchangeOwner } from './exchange.ts'
import type { Outgoing } from './outgoing.ts'
import { CutOff, type Failure, failureOf, isStreamFault } from './failure.ts'
import { checkParser } from './judging/extraction-checks.ts'
import type { HtmlPage } from '../../../../core/authoring/requests/http.ts'
import type { Node } from './html/node.ts'
import { type Judged, judgeCall } from './judging/outcome.ts'
import { wordsOf } from '../counting/thrown.ts'
import { isOverdue } from './overdue.ts'
import { isRedirect, nextHop } from './redirects/next-hop.ts'
import { milliseconds } from '../../../../core/words.ts'

/** The services of the user and of the engine that a call uses. All calls of a user share one object. */
export interface CallContext {
  /** `true` if the user must not send further requests. */
  readonly silent: boolean
  /** `true` if the scenario has a hook that receives each finished request. */
  readonly hooked: boolean
  /** Makes the exchange that sends a hop and receives its response. */
  exchange(outgoing: Outgoing, owner: ExchangeOwner): Exchange
  /** Stores the cookies of a response. */
  storeCookies(exchange: Exchange, url: string): void
  cookieHeader(url: string): string | undefined
  mayRedirect(from: string, to: URL): boolean
  /** Returns the parsed page of a response. */
  page(root: Node, url: string): HtmlPage
  /** Called for each hop except the last. Only a trace uses this function. */
  redirected(call: Call, exchange: Exchange): void
  /** Adds the call to the ready queue, which later calls `call.resume`. */
  arrange(call: Call): void
  /**
   * Runs a function as the current user. The function may call code of the scenario, such as its checks. In this code, feeds and `Math.random` need
   * the current user.
   */
  asUser(run: () => void): void
  /** Counts the finished call. */
  finished(call: Call, judged: Judged, lagMs: number): void
  interrupted(call: Call): void
}

/** One request of a user, with its redirects. The request is judged and counted once, when the ready queue resumes the user. */
export class Call extends Chain implements ExchangeOwner, Resumable {
  readonly calledMs: number
  readonly #deadlineMs: number
  url: string
  /** The request that the current hop sends. */
  outgoing: Outgoing
  exchange: Exchange
  /** The number of hops that were written to a connection. A hop counts twice if the target has read its request twice (see `Exchange.hops`). */
  hops = 0
  /**
   * The number of hops that were sent again. A hop is sent again if the target had closed the kept-alive connection or, over HTTP/2, if the target
   * had not processed the request.
   */
  reconnects = 0
  /** The time at which burst began to write the first hop that was written to a connection; 0 until that hop has ended. */
  sentMs = 0
  sendLagMs = 0
  /** The number of bytes of request bodies that the hops wrote. The bytes of a hop are added when the hop ends. */
  bytesOut = 0
  /**
   * An upper bound, in milliseconds, for the error of the measured latency: the duration of the first write, plus `unreadMs` of the last exchange.
   */
  timingErrorMs = 0
  listedAt = -1
  isLeft = false

  readonly #context: CallContext
  /** `true` if the last hop has ended. */
  #over = false
  #counted = false
  #firstWriteMs = 0
  /** The reason why the last hop failed; null if it did not fail. */
  #failure: Failure | null = null

  constructor(plan: CallPlan, context: CallContext, nowMs: number) {
    super(plan)
    this.url = plan.url
    this.outgoing = plan.outgoing
    this.#context = context
    this.calledMs = nowMs
    this.#deadlineMs = nowMs + plan.timeoutMs
    this.exchange = context.exchange(plan.outgoing, this)
    this.exchange.begin(nowMs)
  }

  /** The time at which burst ends the request: its timeout, or the time at which burst stops reading the body of a redirect, whichever is earlier. */
  get deadlineMs(): number {
    return Math.min(this.#timeoutMs, this.exchange.readsUntilMs)
  }

  /** The time at which the request times out. For a stream, each piece that arrives postpones this time. */
  get #timeoutMs(): number {
    return this.outgoing.sink?.deadlineMs ?? this.#deadlineMs
  }

  /**
   * The time at which the measured latency ends: when the last byte arrives. A stream of events may never end, so its latency ends when the first
   * byte arrives.
   */
  get answeredMs(): number {
    const { firstByteMs, endMs } = this.exchange
    return this.outgoing.sink?.endsWithUser === true && firstByteMs > 0 ? firstByteMs : endMs
  }

  /** The earliest time at which the user could have been resumed. */
  get dueMs(): number {
    return this.exchange.endMs
  }

  /** `true` if the last hop has ended. The call may still have to be judged. */
  get over(): boolean {
    return this.#over
  }

  /**
   * `true` if the call failed with a network or protocol failure: there was no connection, the connection was lost, or the response violates HTTP.
   * `false` for any other failure. Also `false` in two cases in which the next request would fail in the same way: the response is not the requested
   * stream, or burst cannot follow a redirect.
   */
  get isLost(): boolean {
    const kind = this.#failure?.kind
    const { error } = this.exchange
    return (kind === 'network' || kind === 'protocol') && error !== null && !isStreamFault(error)
  }

  html(): Promise<HtmlPage> {
    this.taken(checkParser)
    const page = this.extract<Node>('html', { kind: 'html' }).then((root) => this.#context.page(root, this.url))
    page.catch(ignoreUnobserved)
    return page
  }

  /** Resolves when the response has ended, and rejects when the request has failed. */
  streamed(): Promise<void> {
    return this.extract('stream', { kind: 'ended' })
  }

  /** Ends the call immediately. `error` becomes the failure of the call. */
  fail(error: Error): void {
    this.exchange.cancel(error)
  }

  /**
   * Ends the stream that the call receives: any stream if `all` is true, otherwise only a stream of events. `all` is true if the task that read the
   * stream has ended. `all` is false if the user was asked to stop, leaves with `this.stop()`, or must end its iteration.
   */
  endStream(all: boolean): void {
    const { sink } = this.plan.outgoing
    if (!sink || !(all || sink.endsWithUser)) return
    sink.breakOff(new CutOff())
    this.hangUp()
  }

  /**
   * Closes the connection, because the scenario stops reading. Over HTTP/2, closes only the HTTP/2 stream of the call. If the head of the response
   * has arrived, the response is judged as usual; otherwise, the call counts as interrupted. Does nothing if the call is over.
   */
  hangUp(): void {
    if (this.#over) return
    this.isLeft = true
    if (this.exchange.status === 0) this.interrupt()
    else this.exchange.hangUp()
  }

  /** Returns whether the request is overdue. A stream is never overdue. */
  isOverdue(nowMs: number): boolean {
    return !this.#over && !this.outgoing.sink && isOverdue(this.calledMs, this.plan.row, nowMs)
  }

  /** Called after `deadlineMs`. */
  timeOut(): void {
    if (this.exchange.readsUntilMs < this.#timeoutMs) this.exchange.hangUp()
    else this.exchange.cancel(new TimedOut())
  }

  /**
   * Ends the call immediately, because the user has no time left. Does nothing if the response is complete, because the response will still be
   * judged.
   */
  interrupt(): void {
    if (this.#over) return
    this.#over = true
    this.exchange.cancel(new CutOff())
    this.#noteHop(this.exchange)
    this.abandon()
  }

  /** Ends the call without a judgement. Counts each hop that was written to a connection as an interrupted exchange. */
  abandon(): void {
    if (this.#counted) return
    this.#counted = this.#over = true
    this.#context.interrupted(this)
    this.breakOff(new CutOff())
  }

  isRedirect(exchange: Exchange): boolean {
    return isRedirect(this, exchange)
  }

  exchangeDone(exchange: Exchange): void {
    if (this.#over) return
    this.#noteHop(exchange)
    const next = this.#goOn(exchange)
    if (next === 'cut off') this.abandon()
    else if (next !== 'followed') this.#finish(next)
  }

  /**
   * Follows a redirect. Returns 'followed' if the next hop has been started, and 'cut off' if no further hop may be sent. Otherwise, returns the
   * failure of the hop; null if the hop did not fail. Never throws, because the call's promise must always settle.
   */
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
    this.bytesOut += exchange.bytesOut
    this.sendLagMs += exchange.sendLagMs
    if (this.sentMs === 0) {
      this.sentMs = exchange.sentMs
      this.#firstWriteMs = exchange.writeMs
    }
    this.timingErrorMs = this.#firstWriteMs + exchange.unreadMs
  }

  /**
   * Starts the next hop if the response is a redirect that burst must follow. Returns null if the response is not such a redirect, and a
   * failure if the redirect cannot be followed.
   */
  #follow(exchange: Exchange): 'followed' | 'cut off' | Failure | null {
    const hop = nextHop(this, exchange)
    if (hop === null) return null
    if ('kind' in hop) return hop
    if (!this.#context.mayRedirect(this.url, hop.url)) {
      return {
        kind: 'refused',
        message: `redirect to ${hop.url.host} not followed: add the host to 'allow' of the scenario`,
      }
    }
    // The next hop is not sent if the user has to stop, or if the scenario has left the stream.
    if (this.#context.silent || this.isLeft) return 'cut off'
    this.#context.redirected(this, exchange)
    exchange.dropBody()
    this.url = hop.url.href
    this.outgoing = hop.outgoing
    const cookie = this.#context.cookieHeader(hop.outgoing.origin + hop.outgoing.path)
    delete hop.outgoing.headers['cookie']
    if (cookie) hop.outgoing.headers['cookie'] = cookie
    this.exchange = this.#context.exchange(hop.outgoing, this)
    this.exchange.begin(performance.now())
    return 'followed'
  }

  #transportFailure(error: Error, exchange: Exchange): Failure {
    if (error instanceof TimedOut) {
      const missing = this.outgoing.sink ? 'no data on the stream' : 'no complete answer'
      return { kind: 'timeout', message: `${missing} within ${milliseconds(this.plan.timeoutMs)}` }
    }
    return failureOf(error, exchange)
  }

  #finish(failure: Failure | null): void {
    this.#over = true
    this.#failure = failure
    this.#context.arrange(this)
  }

  /** Called when the ready queue resumes the user. Judges the response, and lets the user continue. */
  resume(lagMs: number): void {
    if (this.#context.hooked || this.runsOwnCode) this.#context.asUser(() => this.#judge(lagMs))
    else this.#judge(lagMs)
  }

  #judge(lagMs: number): void {
    const judged = judgeCall(this, this.#failure)
    if (judged instanceof Promise) void judged.then((late) => this.#settle(late, lagMs))
    else this.#settle(judged, lagMs)
  }

  /** Counts the call and settles its promise. The promise settles even if counting throws an error. */
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

awaitedItself(Call.prototype)

class TimedOut extends Error {}
