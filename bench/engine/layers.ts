import { Targets } from '../../functions/guard/targets.ts'
import { Accounts } from '../../functions/worker/engine/counting/accounts.ts'
import { Harm } from '../../functions/worker/engine/counting/harm.ts'
import { Turns } from '../../functions/worker/engine/health/loop-turns.ts'
import { Recorder } from '../../functions/worker/engine/counting/recorder.ts'
import { EngineClock } from '../../functions/worker/engine/engine-clock.ts'
import { Redirects } from '../../functions/worker/engine/http/redirects/allowed-redirects.ts'
import { Connections, connectionsPerUser } from '../../functions/worker/engine/http/connection/connections.ts'
import { ConnectionMaker } from '../../functions/worker/engine/http/connection/connector.ts'
import { CookieBudget, Cookies } from '../../functions/worker/engine/http/cookies.ts'
import { Deadlines } from '../../functions/worker/engine/http/deadlines.ts'
import { Exchange } from '../../functions/worker/engine/http/exchange.ts'
import { Meter } from '../../functions/worker/engine/http/meter.ts'
import { noOwnHeaders } from '../../functions/worker/engine/http/sending/headers.ts'
import { UserHttp } from '../../functions/worker/engine/http/sending/http-client.ts'
import { Routes } from '../../functions/worker/engine/http/sending/routes.ts'
import { Pace } from '../../functions/worker/engine/scheduling/pace.ts'
import { ReadyQueue, type Resumable } from '../../functions/worker/engine/scheduling/ready-queue.ts'
import { UserCalls } from '../../functions/worker/engine/user-calls.ts'
import type { SocketOwner } from '../../functions/worker/engine/users/context.ts'
import { AwaitedByUser } from '../../functions/worker/engine/users/calls/in-flight.ts'
import { UnusedCalls } from '../../functions/worker/engine/users/calls/unused-calls.ts'
import { anchorNow } from '../../functions/clock.ts'

/** Resumes users immediately, in the callback of the response. */
class NoQueue extends ReadyQueue {
  override add(entry: Resumable): void {
    entry.resume(0)
  }
}

/** An `Accounts` class that does not count requests. The rungs `call` and `queue` use this class. */
class NoAccounts extends Accounts {
  override finished(): void {}
}

/**
 * How users are resumed. `at once`: immediately, in the callback of the response. `in turn`: by the scheduler. `counted`: by the scheduler, and their
 * requests are counted.
 */
type Depth = 'at once' | 'in turn' | 'counted'

/** The layers of the engine between undici's client and the users. The users themselves are not part of these layers. */
export class Layers {
  readonly #turns = new Turns()
  readonly #meter = new Meter(new SharedArrayBuffer(4), this.#turns)
  readonly #maker = new ConnectionMaker(new Targets(null))
  readonly #recorder = new Recorder({ slice: 0, attempt: 0, windowMs: 5_000 })
  readonly #deadlines = new Deadlines(() => this.#turns.lookSoon())
  readonly #ready = new ReadyQueue(this.#turns)
  readonly #accounts: Accounts
  readonly #origin: string
  readonly #routes: Routes

  constructor(origin: string) {
    this.#origin = origin
    this.#routes = new Routes({ host: origin, build: 'bench', authorization: undefined }, this.#recorder)
    this.#accounts = this.#accountsOf(Accounts)
    this.#recorder.cuts.startAt(performance.now())
  }

  #accountsOf(make: typeof Accounts): Accounts {
    const startMs = performance.now()
    const secondOf = (atMs: number): number => Math.floor((atMs - startMs) / 1_000)
    return new make(this.#recorder, new EngineClock(anchorNow()), secondOf, undefined)
  }

  /** Sends requests one after another, each as an `Exchange`. */
  async exchangesOf(path: string): Promise<never> {
    const connections = new Connections(this.#maker, connectionsPerUser)
    for (;;) {
      const { outgoing } = this.#routes.prepare('GET', path, undefined, noOwnHeaders)
      const { status } = await new Promise<Exchange>((exchangeDone) => {
        new Exchange(outgoing, connections, this.#meter, { isRedirect: () => false, exchangeDone }).begin(
          performance.now(),
        )
      })
      if (status !== 200) throw new Error(`the target answered with ${status}`)
    }
  }

  /** Sends requests with `http.get`, one after another, as a task does. */
  async callsOf(path: string, depth: Depth): Promise<never> {
    const http = this.#clientOf(depth)
    for (;;) await (path === '/json' ? http.get(path).expect(200).json() : http.get(path).expect(200))
  }

  #clientOf(depth: Depth): UserHttp {
    const ready = depth === 'at once' ? new NoQueue() : this.#ready
    const services = {
      ready,
      accounts: depth === 'counted' ? this.#accounts : this.#accountsOf(NoAccounts),
      recorder: this.#recorder,
      maker: this.#maker,
      deadlines: this.#deadlines,
      harm: new Harm(this.#recorder),
      events: null,
      meter: this.#meter,
      redirects: new Redirects(this.#origin),
      trace: null,
      origin: this.#origin,
      asUser: <T>(_: unknown, body: () => T): T => body(),
      checkBuiltIns: () => undefined,
    }
    const connections = new Connections(this.#maker, connectionsPerUser)
    const calls = new UserCalls(services, bareOwner(), new Cookies(new CookieBudget()), connections)
    const send = (plan: Parameters<UserCalls['send']>[0]): ReturnType<UserCalls['send']> =>
      calls.send(plan, performance.now())
    return new UserHttp(this.#routes, send, () => undefined, {
      ready,
      record: () => undefined,
      heard: () => undefined,
      // The users of the benchmark do not read streams.
      reader: {} as never,
    })
  }
}

/** Returns a minimal user: an object with only the fields that a request reads. */
function bareOwner(): SocketOwner {
  const read = {
    index: 0,
    silent: false,
    started: true,
    inFlight: new AwaitedByUser(),
    unused: new UnusedCalls(),
    pace: new Pace(),
    source: { task: 'bench', tags: [] },
  }
  return read as unknown as SocketOwner
}
