import { Call, type CallContext } from './http/call.ts'
import type { CallPlan } from './http/chain.ts'
import type { Connections } from './http/connection/connections.ts'
import type { Cookies } from './http/cookies.ts'
import { Exchange, type ExchangeOwner } from './http/exchange.ts'
import type { Outgoing } from './http/outgoing.ts'
import { CutOff } from './http/failure.ts'
import type { Node } from './http/html/node.ts'
import { Page } from './http/html/page.ts'
import type { Judged } from './http/judging/outcome.ts'
import type { TracedHop } from './protocol.ts'
import { tracedExchange, tracedHop } from './trace.ts'
import type { SocketOwner } from './users/context.ts'
import { failureEvent } from './failure-event.ts'
import type { SocketServices } from './websocket/services.ts'
import type { UserSockets } from './websocket/user-sockets.ts'

/** The services that the calls of all users share. */
export interface CallServices extends SocketServices {
  /** The origin of the service under load. */
  readonly origin: string
  /** Restores built-ins that code of a user has replaced. */
  checkBuiltIns(): void
}

/** Makes the calls of one user. All calls of a user share this object, because a new object for each call would take time. */
export class UserCalls implements CallContext {
  readonly #services: CallServices
  readonly #user: SocketOwner
  #sockets: UserSockets | undefined
  readonly #cookies: Cookies
  readonly #connections: Connections
  /** For each call in progress, the hops that have ended with a redirect. Set only if calls are traced. */
  #redirects: Map<Call, TracedHop[]> | undefined

  constructor(services: CallServices, user: SocketOwner, cookies: Cookies, connections: Connections) {
    this.#services = services
    this.#user = user
    this.#cookies = cookies
    this.#connections = connections
  }

  /** Sends a request. */
  send(plan: CallPlan, nowMs: number): Call {
    const { origin, redirects, trace, deadlines } = this.#services
    if (plan.outgoing.origin !== origin) redirects.name(plan.outgoing.origin)
    if (trace) plan.outgoing.keepBody = true
    const call = new Call(plan, this, nowMs)
    this.#user.inFlight.add(call)
    deadlines.add(call)
    return call
  }

  async sockets(): Promise<UserSockets> {
    const { UserSockets } = await import('./websocket/user-sockets.ts')
    if (this.#user.silent) throw new CutOff()
    this.#sockets ??= new UserSockets({
      ...this.#services,
      user: this.#user,
      cookies: this.#cookies,
      connections: this.#connections,
    })
    return this.#sockets
  }

  get hasSockets(): boolean {
    return this.#sockets?.any ?? false
  }

  endReading(): void {
    this.#sockets?.endReading()
  }

  close(): void {
    this.#sockets?.close()
  }

  get silent(): boolean {
    return this.#user.silent
  }

  get hooked(): boolean {
    return this.#services.accounts.hooked
  }

  exchange(outgoing: Outgoing, owner: ExchangeOwner): Exchange {
    return new Exchange(outgoing, this.#connections, this.#services.meter, owner)
  }

  storeCookies(exchange: Exchange, url: string): void {
    this.#cookies.store(exchange.headers['set-cookie'], url)
  }

  cookieHeader(url: string): string | undefined {
    return this.#cookies.headerFor(url)
  }

  mayRedirect(from: string, to: URL): boolean {
    return this.#services.redirects.mayGo(from, to)
  }

  page(root: Node, url: string): Page {
    const { http } = this.#user
    return new Page(root, url, {
      // A colon after a slash is encoded. Otherwise, it would begin a parameter of a route.
      send: (method, to, options) => http.request(method, to.href.replaceAll('/:', '/%3A'), options),
      mayGo: (from, to) => this.mayRedirect(from, to),
    })
  }

  redirected(call: Call, exchange: Exchange): void {
    if (!this.#services.trace) return
    this.#redirects ??= new Map()
    this.#redirects.set(call, [...(this.#redirects.get(call) ?? []), tracedHop(call, exchange)])
  }

  arrange(call: Call): void {
    this.#services.checkBuiltIns()
    this.#services.ready.add(call)
  }

  asUser(run: () => void): void {
    this.#services.asUser(this.#user, run)
  }

  finished(call: Call, judged: Judged, lagMs: number): void {
    const user = this.#user
    const { deadlines, accounts, harm, events } = this.#services
    user.inFlight.delete(call)
    deadlines.remove(call)
    user.pace.responseEnded(call.exchange.endMs, lagMs)
    accounts.finished(call, user, judged, lagMs)
    if (judged.failure || judged.checks.some((check) => check.thrown)) harm.meet(user)
    if (judged.failure && events) events.tell(failureEvent(call, user, judged, judged.failure), user)
    this.#trace(call, judged)
    call.exchange.dropBody()
    if (!call.used) user.unused.add(call)
  }

  interrupted(call: Call): void {
    this.#user.inFlight.delete(call)
    this.#services.deadlines.remove(call)
    this.#services.accounts.interrupted(call, this.#user)
    this.#redirects?.delete(call)
    call.exchange.dropBody()
  }

  #trace(call: Call, judged: Judged): void {
    const { trace } = this.#services
    if (!trace) return
    const exchange = tracedExchange(call, this.#user, judged, this.#redirects?.get(call) ?? [])
    this.#redirects?.delete(call)
    trace({ kind: 'exchange', exchange })
  }
}
