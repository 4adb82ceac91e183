import type { Random } from '../random.ts'
import type { Http } from './http.ts'

/**
 * The place a simulated user sits in: what the engine gives to an instance of a user class. The scenario's bundle and the engine each
 * carry their own copy of this file, so they meet through `Symbol.for` on globalThis and never through module state or `instanceof`.
 */
export interface Seat {
  readonly http: Http
  readonly random: Random
  readonly index: number
  readonly data: unknown
  readonly vars: Readonly<Record<string, string>>
  sleep(ms: number): Promise<void>
  step<T>(name: string, body: () => Promise<T>): Promise<T>
  record(sample: RecordedSample): void
  /** Ends the user's life from inside: throws what ends the task. */
  leaveNow(): never
  /** How often this user has drawn from a feed before; counts up. */
  draw(feed: object): number
  /** The user's rank among the planned users of the named classes (all classes when empty), and how many those are. */
  rank(classes: readonly string[]): { rank: number; of: number }
  /** The stream for `feed.random()`. */
  readonly dataRandom: Random
}

/** What a user did without burst, to be counted beside the requests. */
export interface RecordedSample {
  method: string
  name: string
  /** How long it took, milliseconds. */
  ms: number
  /** Default 0. */
  bytes?: number
  /** Why it failed; absent, null or false: it succeeded. */
  error?: unknown
}

const task: unique symbol = Symbol.for('burst.task')
const scenario: unique symbol = Symbol.for('burst.scenario')
const user: unique symbol = Symbol.for('burst.user')
const exhausted: unique symbol = Symbol.for('burst.exhausted')
const taskEnd: unique symbol = Symbol.for('burst.taskEnd')
const seat: unique symbol = Symbol.for('burst.seat')
const currentSeat: unique symbol = Symbol.for('burst.currentSeat')
const files: unique symbol = Symbol.for('burst.files')

/**
 * `exhausted`: an error that means "this user has no data row left". `taskEnd`: an error that ends the task and is no exception.
 * `seat`: whose turn it is while an instance is made. `currentSeat`: the user whose code runs. `files`: what the scenario reads at load.
 */
export const marks = { task, scenario, user, exhausted, taskEnd, seat, currentSeat, files } as const

interface Meeting {
  [marks.seat]?: Seat
  [marks.currentSeat]?: () => Seat | undefined
  [marks.files]?: { read(path: string): string }
}

/** Where engine and bundle meet. */
export const meeting = globalThis as Meeting
