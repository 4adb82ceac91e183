import type { Random } from '../random.ts'
import type { Http } from './requests/http.ts'
import type { WebSocketConnection, WebSocketOptions } from './requests/web-socket.ts'

/**
 * The objects that the engine provides to an instance of a user class. The scenario's bundle and the engine each contain a copy of this file. The two
 * copies therefore share data through `Symbol.for` on globalThis, and cannot use module state or `instanceof`.
 */
export interface UserRuntime {
  readonly http: Http
  readonly random: Random
  readonly index: number
  readonly data: unknown
  readonly vars: Readonly<Record<string, string>>
  ws(url: string | URL, options?: WebSocketOptions): Promise<WebSocketConnection>
  sleep(ms: number): Promise<void>
  step<T>(name: string, body: () => Promise<T>): Promise<T>
  record(sample: RecordedSample): void
  /** Ends the user's life by throwing the error that ends the task. */
  leaveNow(): never
  /** Counts one more row that this user draws from a feed. Returns the number of rows that the user had drawn from this feed before. */
  draw(feed: object): number
  /**
   * Returns the rank of the user among the planned users of the named classes, and the number of these users. An empty list means all classes. With
   * arrivals, returns the number of the arrival and the number of planned arrivals, whatever the classes.
   * @throws TypeError when the user belongs to none of the named classes
   */
  rank(classes: readonly string[]): { rank: number; of: number }
  /** The random stream for `feed.random()`. */
  readonly dataRandom: Random
}

/** A call that a user made without burst. burst counts these calls as samples, separately from the requests. */
export interface RecordedSample {
  method: string
  name: string
  /** The duration in milliseconds, from 0 to 2^45. A duration of more than one hour counts as one hour. */
  ms: number
  /** The number of bytes, from 0 to 2^45. Default 0. */
  bytes?: number
  /** The reason why the call failed; absent, null or false when it succeeded. The report contains only the number of failures. */
  error?: unknown
}

const task: unique symbol = Symbol.for('burst.task')
const scenario: unique symbol = Symbol.for('burst.scenario')
const user: unique symbol = Symbol.for('burst.user')
const exhausted: unique symbol = Symbol.for('burst.exhausted')
const taskEnd: unique symbol = Symbol.for('burst.taskEnd')
const runtime: unique symbol = Symbol.for('burst.runtime')
const currentRuntime: unique symbol = Symbol.for('burst.currentRuntime')
const files: unique symbol = Symbol.for('burst.files')
const file: unique symbol = Symbol.for('burst.file')
const html: unique symbol = Symbol.for('burst.html')
const feeds: unique symbol = Symbol.for('burst.feedObjects')

/**
 * `exhausted`: an error that means "this user has no data row left". `taskEnd`: an error that ends the task and is not an exception. `runtime`: the
 * runtime of the instance that is being created. `currentRuntime`: the runtime of the user whose code runs. `files`: reads the scenario's files, as
 * strings (`read`) or as bytes (`bytes`). `file`: marks a result of `file()`. `html`: parses HTML, if the scenario uses `.html()`. `feeds`: the feeds
 * that the scenario makes while burst loads the scenario, in the order of their creation.
 */
export const marks = {
  task,
  scenario,
  user,
  exhausted,
  taskEnd,
  runtime,
  currentRuntime,
  files,
  file,
  html,
  feeds,
} as const

interface Shared {
  [marks.runtime]?: UserRuntime
  [marks.currentRuntime]?: () => UserRuntime | undefined
  [marks.files]?: { read(path: string): string; bytes(path: string): Uint8Array }
  /** Parses a page. Returns an error message when the page cannot be parsed. */
  [marks.html]?: (text: string) => unknown
  [marks.feeds]?: object[]
}

/** The properties of globalThis that the engine and the bundle share. */
export const shared = globalThis as Shared
