import { type Duration, durationMs } from '../duration.ts'
import { invalidInput } from '../errors.ts'
import { refuseSurplus } from '../values-in-words.ts'
import type { Random } from '../random.ts'
import type { Http } from './requests/http.ts'
import { type RecordedSample, type UserRuntime, marks, shared } from './runtime.ts'
import type { Http2 } from './requests/tls.ts'
import type { Wait } from './wait.ts'
import type { ArgumentsOfSocket, WebSocketConnection } from './requests/web-socket.ts'

/**
 * A simulated user. Extend this class, mark methods with `@task` (or list them in `tasks = {…}`), and name the class in `scenario({ users })`. A user
 * can start and end several times in a run, for example because the load falls and rises again. The time from a start to the next end is one life of
 * the user. burst creates a new instance for each life.
 */
export abstract class HttpUser {
  /**
   * The weight of this class among all classes. A class with weight 2 has twice as many users as a class with weight 1. With arrivals, the class with
   * weight 2 serves twice as many arrivals. Default 1.
   */
  static weight = 1
  /** The exact number of users of this class, independent of the weights; not allowed with arrivals. Default: the weights determine the number. */
  static count?: number
  /**
   * In a long run, a worker hands its users over to the next worker. `true`: a user continues on the next worker with the same cookies, headers and
   * instance fields. `false`: a user ends after `onStop`, and begins a new life on the next worker. A user with an open WebSocket connection always
   * begins a new life. Default true.
   */
  static handOver?: boolean
  /**
   * `'close'`: each request uses a new connection, which closes after the response. Default `'keep-alive'`. The option `connection` of a request
   * takes precedence.
   */
  static connection?: 'close' | 'keep-alive'
  /** The protocol of this class, with the same values as `http2` of `scenario()`. Default: the value of `scenario()`. */
  static http2?: Http2
  /** Tags of the class. Each task of the class has these tags, in addition to its own tags. Default: none. */
  static tags?: readonly string[]

  /** The HTTP client of this user. Each user has its own cookies. Without `connections: 'shared'`, each user also has its own connections. */
  readonly http: Http
  /**
   * A source of random numbers. The numbers are the same on every worker, because they depend only on the seed of the run, the user, its life and the
   * iteration. With arrivals, the numbers depend only on the seed and the arrival.
   */
  readonly random: Random
  /**
   * The index of the user, from 0. The index is the same in every life. Without arrivals, the indices end at the number of users − 1. With arrivals,
   * each user that is added to the pool has a new index.
   */
  readonly index: number
  /** The result of `beforeRun`. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the author of the scenario defines its shape
  readonly data: any
  /** The variables from `--var k=v` on the command line. */
  readonly vars: Readonly<Record<string, string>>
  readonly #runtime: UserRuntime

  /**
   * The pause after each task. With arrivals, burst does not use `wait`. Default: no pause, so the user sends requests as fast as the target answers.
   */
  declare wait?: Wait
  /** The weights of tasks by method name: an alternative to `@task` for code without decorators. */
  declare tasks?: object

  /**
   * Runs once at the start of each life. If `onStart` fails, burst pauses the user and runs `onStart` again. The pauses are 1 s, 2 s, 4 s and so on,
   * at most 30 s. Each pause is shortened or lengthened at random by up to half.
   */
  onStart?(): Promise<void>
  /**
   * Runs once at the end of each life, if `onStart` has succeeded. `onStop` may send requests. burst skips `onStop` when the run is stopped
   * immediately.
   */
  onStop?(): Promise<void>

  constructor() {
    const runtime = shared[marks.runtime]
    if (!runtime) {
      const name = String(new.target.name)
      const refusal = invalidInput(`${name} was created with new, but burst itself creates the users`, {
        hint: `name the class in scenario(), without new: users: [${name}]`,
      })
      // Omits the constructor's stack frames, so the message shows the line that contains `new`.
      Error.captureStackTrace(refusal, new.target)
      throw refusal
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
   * `WS`. When the connection cannot be opened, the promise rejects with an error that ends the task. A user can have at most 100 open connections.
   */
  ws<P extends string>(url: P | URL, ...options: ArgumentsOfSocket<P>): Promise<WebSocketConnection> {
    return this.#runtime.ws(url, ...options)
  }

  /**
   * Pauses the user. When the user is stopped, the pause ends immediately, and an error ends the task.
   * @throws BurstError when `duration` is not a duration, or is longer than a year
   */
  sleep(duration: Duration): Promise<void> {
    refuseSurplus(arguments, 1, 'sleep() takes one duration')
    return this.#runtime.sleep(durationMs(duration, 'sleep()'))
  }

  /**
   * Measures the duration of a step of a journey. The report combines all steps with the same `name` in one row. If the body throws, the step counts
   * as failed, and `step` throws the same error. If `stop()` ends a step, the step does not count as failed. A step that burst cuts off is not
   * counted at all.
   */
  step<T>(name: string, body: () => Promise<T>): Promise<T> {
    return this.#runtime.step(name, body)
  }

  /**
   * Ends the task and the user's life, like `StopUser` in Locust. `onStop` runs. The task and the user do not count as failed. If the load falls and
   * rises again later, the user starts with a new life. With arrivals, another user serves the next arrival.
   */
  stop(): never {
    return this.#runtime.leaveNow()
  }

  /**
   * Counts a call that the scenario made without burst, such as a database query or a message of another protocol. The report shows these samples
   * separately from the requests.
   * @throws TypeError that names the invalid field
   */
  record(sample: RecordedSample): void {
    this.#runtime.record(sample)
  }
}

Object.defineProperty(HttpUser, marks.user, { value: true })

/** The type of `tasks = {…}` in class T. With this type, a misspelt method name is a type error. */
export type Tasks<T> = Partial<Record<Exclude<keyof T, keyof HttpUser>, number>>
