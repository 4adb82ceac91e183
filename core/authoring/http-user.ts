import { type Duration, durationMs } from '../duration.ts'
import { BurstError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { Http } from './requests/http.ts'
import { type RecordedSample, type UserRuntime, marks, shared } from './runtime.ts'
import type { Http2 } from './requests/tls.ts'
import type { Wait } from './wait.ts'
import type { ArgumentsOfSocket, WebSocketConnection } from './requests/web-socket.ts'

/**
 * A simulated user. Extend it, mark methods with `@task` (or list them in `tasks = {…}`), and name the class in `scenario({ users })`.
 * burst creates the instances, one per life of a user.
 */
export abstract class HttpUser {
  /** The share of this class among all users, relative to the other classes. Default 1. */
  static weight = 1
  /** The exact number of users of this class, whatever the weights. Default: the weights decide. */
  static count?: number
  /**
   * Whether, in a long run, the next worker takes over a user with its cookies, headers and own fields. `false`: the user ends with
   * `onStop` instead, and begins a new life on the next worker. Default true.
   */
  static handOver?: boolean
  /**
   * `'close'`: each request has a new connection, which closes after the response. Default `'keep-alive'`. The option `connection` of a
   * request takes precedence.
   */
  static connection?: 'close' | 'keep-alive'
  /** The protocol of this class, with the same values as `http2` of `scenario()`. Default: the value of `scenario()`. */
  static http2?: Http2
  /** Tags of all tasks of the class. */
  static tags?: readonly string[]

  /** The HTTP client of this user, with its own connections and cookies. */
  readonly http: Http
  /** Random numbers. Their seed depends on run, user, life and iteration, so every worker draws the same numbers. */
  readonly random: Random
  /** The index of the user, 0 … users − 1, the same in every life. */
  readonly index: number
  /** What `beforeRun` returned. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the author of the scenario defines its shape
  readonly data: any
  /** The variables from `--var k=v` on the command line. */
  readonly vars: Readonly<Record<string, string>>
  readonly #runtime: UserRuntime

  /** The pause after each task. Default: no pause, so the user sends requests as fast as the target answers. */
  declare wait?: Wait
  /** An alternative to `@task` for code without decorators: task weights by method name. */
  declare tasks?: object

  /** Runs once at the start of each life. If it fails, burst tries it again after 1, 2, 4 … 30 s. */
  onStart?(): Promise<void>
  /** Runs once at the end of each life. It may send requests. */
  onStop?(): Promise<void>

  constructor() {
    const runtime = shared[marks.runtime]
    if (!runtime) {
      throw new BurstError('scenarioThrew', `${new.target.name} was created with new`, {
        hint: 'burst creates the users; name the class in scenario({ users: […] })',
      })
    }
    this.#runtime = runtime
    this.http = runtime.http
    this.random = runtime.random
    this.index = runtime.index
    this.data = runtime.data
    this.vars = runtime.vars
  }

  /**
   * Opens a WebSocket connection (`/path`, `ws://…` or `wss://…`), which stays open after the task. The opening counts as a request with the method
   * `WS`. When it fails, the promise rejects with an error that ends the task.
   */
  ws<P extends string>(url: P | URL, ...options: ArgumentsOfSocket<P>): Promise<WebSocketConnection> {
    return this.#runtime.ws(url, ...options)
  }

  /** Pauses the user. The pause ends at once when the user is stopped. */
  sleep(duration: Duration): Promise<void> {
    return this.#runtime.sleep(durationMs(duration, 'sleep()'))
  }

  /** Times a step of a journey under its own name. If the body throws, the step counts as failed and the error is thrown again. */
  step<T>(name: string, body: () => Promise<T>): Promise<T> {
    return this.#runtime.step(name, body)
  }

  /**
   * Ends the task and the user's life, like `StopUser` in Locust. `onStop` runs. Neither the task nor the user counts as failed. A later spike of the
   * load starts the user again with a new life.
   */
  stop(): never {
    return this.#runtime.leaveNow()
  }

  /** Counts a call that the scenario made without burst (a database query, a message of another protocol). */
  record(sample: RecordedSample): void {
    this.#runtime.record(sample)
  }
}

Object.defineProperty(HttpUser, marks.user, { value: true })

/** The type of `tasks = {…}` in class T: a misspelt method name is a type error. */
export type Tasks<T> = Partial<Record<Exclude<keyof T, keyof HttpUser>, number>>
