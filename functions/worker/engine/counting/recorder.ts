import { dirname } from 'node:path'
import { capName } from '../../../../core/counted-name.ts'
import { boundedSum } from '../../../../core/extremes.ts'
import {
  type ExceptionCell,
  type Exemplar,
  type RecordedCell,
  type RequestCell,
  type TimedCell,
  type Window,
  emptyIterationCell,
  emptyRequestCell,
  emptyTimedCell,
  exemplarCap,
  nameCap,
  otherNames,
  otherNotices,
} from '../../../../core/window/window.ts'
import type { RecordedSample } from '../../../../core/authoring/runtime.ts'
import { type ProtocolCell, emptyProtocolCell, mostTargets, otherTargets } from '../../../../core/window/protocols.ts'
import { Distribution } from '../../../../core/window/histograms/distribution.ts'
import { otherTexts, othersLike } from '../../../../core/window/fold.ts'
import type { Source } from './source.ts'
import type { Failure } from '../http/failure.ts'
import { withoutMethod } from '../http/sending/route.ts'
import { type Cut, Cuts, within } from './cuts.ts'
import { countHung } from './hung.ts'
import { userStack, wordsIn } from './thrown.ts'

/**
 * In one window, a worker counts at most this number of failures separately (by request name, kind and message), and at most the same number of
 * exceptions (by message).
 */
const messageCap = 200
/** The number of characters of a message that burst searches for secrets. The report shows far fewer characters. */
const longestSearched = 10_000
/** In one window, a worker counts at most this number of notices separately. */
const noticeCap = 50

type UserCount = Exclude<keyof Window['users'], 'startedByClass' | 'missedIterations'>

/** A row of the statistics, in which requests are counted. burst looks up the row once per route. */
export interface RouteRow {
  readonly method: string
  readonly name: string
  tags: string[]
  tasks: string[]
  readonly seen: Set<Source>
  cell: RequestCell
  /** The window to which `cell` belongs. */
  cut: Cut | null
  /** The latest median latency; 0 if no median has been computed. */
  medianMs: number
  /** The number of the second in which burst last checked whether to compute the median again; -1 before the first check. */
  medianSecond: number
  /** The greatest latency of a request that was answered; 0 if no request was answered. */
  greatestMs: number
}

/**
 * Writes all counts into the windows. Finished requests and iterations belong to the window in which they ended. The bytes of a message belong to
 * the window in which the message was sent or arrived. A count by second belongs to the window that contains the second. Everything else, including
 * the time of users that hung, belongs to the window in which it is recorded.
 */
export class Recorder {
  readonly cuts: Cuts
  /** The file of the bundle. In stack traces, the paths of the scenario's files are relative to the folder of the bundle. */
  bundleFile = '/bundle.mjs'
  /** `true` if the requests of each name are also counted per second. */
  readonly namesHaveSeconds: boolean
  /** Removes secrets from a string. */
  masked: (text: string) => string = (text) => text
  readonly #rows = new Map<string, RouteRow>()
  /** The number of different rows. `#rows` has more entries, because some rows have several keys. */
  #rowCount = 0
  readonly #names = { check: new Set<string>(), step: new Set<string>(), metric: new Set<string>() }

  constructor(of: { slice: number; attempt: number; windowMs: number; namesHaveSeconds?: boolean }) {
    this.cuts = new Cuts(of)
    this.namesHaveSeconds = of.namesHaveSeconds ?? true
  }

  get #window(): Window {
    return this.cuts.now().window
  }

  /** Returns the row of a name. A name may begin with the method. After `nameCap` names, all further names share one row. */
  row(method: string, name: string): RouteRow {
    const key = `${method} ${name}`
    const known = this.#rows.get(key)
    if (known) return known
    if (this.#rowCount >= nameCap && name !== otherNames) return this.row('*', otherNames)
    const shown = capName(withoutMethod(method, this.masked(name)))
    if (shown !== name) return this.#alias(key, this.row(method, shown))
    const made = {
      method,
      name,
      tags: [],
      tasks: [],
      seen: new Set<Source>(),
      cell: emptyRequestCell(method, name),
      cut: null,
      medianMs: 0,
      medianSecond: -1,
      greatestMs: 0,
    }
    this.#rows.set(key, made)
    this.#rowCount++
    return made
  }

  /**
   * Stores the row under an additional key, which contains the name as the scenario wrote it. The report shows another name if the written name
   * contains a secret, begins with the method, or is too long. Later lookups of the written name then find the row immediately.
   */
  #alias(key: string, row: RouteRow): RouteRow {
    if (this.#rows.size < 2 * nameCap) this.#rows.set(key, row)
    return row
  }

  /** Returns the cell of a row in a window. */
  cell(row: RouteRow, source: Source, cut: Cut): RequestCell {
    const cell = row.cut === cut ? row.cell : this.#cellIn(row, cut)
    if (!row.seen.has(source)) {
      row.seen.add(source)
      row.tags = [...new Set([...row.tags, ...source.tags])].sort()
      row.tasks = [...new Set([...row.tasks, source.task])].sort()
      Object.assign(cell, { tags: row.tags, tasks: row.tasks })
    }
    return cell
  }

  #cellIn(row: RouteRow, cut: Cut): RequestCell {
    const cell = within(cut.window.requests, `${row.method} ${row.name}`, () => ({
      ...emptyRequestCell(row.method, row.name, row.tags),
      tasks: row.tasks,
    }))
    row.cell = cell
    row.cut = cut
    return cell
  }

  /**
   * Counts a failure that happened at `at` (epoch milliseconds). `second` is the number of the second that contains `at`, counted from the start of
   * the run. `example` returns an example without secrets. `example` is called only if the recorder will keep the example.
   */
  failure(
    row: RouteRow,
    failure: Failure,
    { cut, at, second }: { cut: Cut; at: number; second: number },
    example: () => Exemplar,
  ): void {
    const { errors } = cut.window
    const place = `${row.method} ${row.name}\t${failure.kind}\t`
    const message = bounded(errors, this.masked(failure.message.slice(0, longestSearched)).slice(0, 300), place)
    const key = place + message
    const cell = within(errors, key, () => ({
      method: row.method,
      name: row.name,
      kind: failure.kind,
      message,
      count: 0,
      firstAt: at,
      lastAt: at,
      exemplars: [],
      seconds: new Map(),
    }))
    cell.count++
    cell.seconds.set(second, (cell.seconds.get(second) ?? 0) + 1)
    // If an asynchronous check finds a failure, the failure is counted later than it happened.
    cell.firstAt = Math.min(cell.firstAt, at)
    cell.lastAt = Math.max(cell.lastAt, at)
    if (cell.exemplars.length < exemplarCap) cell.exemplars.push(example())
  }

  /**
   * Counts a value that user code threw. Computes the stack only when a message occurs for the first time in a window, because this computation takes
   * a long time.
   */
  exception(thrown: unknown): void {
    const { exceptions } = this.#window
    const message = bounded(exceptions, this.masked(wordsIn(thrown, dirname(this.bundleFile))).slice(0, 500), '')
    const cell: ExceptionCell = within(exceptions, message, () => ({
      message,
      stack: this.masked(userStack(thrown, this.bundleFile)),
      count: 0,
    }))
    cell.count++
  }

  /**
   * Returns the name under which a check, step or metric is counted. After `nameCap` names of a kind, all further names of that kind are counted
   * under one common name.
   */
  named(kind: 'check' | 'step' | 'metric', name: string): string {
    const names = this.#names[kind]
    const short = capName(this.masked(name))
    if (names.size < nameCap) names.add(short)
    return names.has(short) ? short : otherNames
  }

  check(name: string, passed: boolean, cut: Cut): void {
    const cell = within(cut.window.checks, this.named('check', name), () => ({ passed: 0, failed: 0 }))
    if (passed) cell.passed++
    else cell.failed++
  }

  /** Counts a user that has completed `onStart`. `harmed` is true if the user has already had a failure. */
  begun(className: string, harmed: boolean): void {
    const { users } = this.#window
    users.startedByClass.set(className, (users.startedByClass.get(className) ?? 0) + 1)
    if (harmed) users.harmed++
  }

  /** Counts an iteration that ended at `nowMs` of the engine's clock. */
  iteration(key: string, failed: boolean, tookMs: number, nowMs: number): void {
    timed(within(this.cuts.at(nowMs).window.iterations, key, emptyIterationCell), failed, tookMs)
  }

  step(name: string, failed: boolean, tookMs: number): void {
    timed(within(this.#window.steps, this.named('step', name), emptyTimedCell), failed, tookMs)
  }

  /** Counts the slots that the user skipped in its pacing grid. */
  missed(iterations: number): void {
    const { users } = this.#window
    users.missedIterations = boundedSum(users.missedIterations, iterations)
  }

  /** Adds `users` to the count that `what` names. */
  countUsers(what: UserCount, users = 1): void {
    this.#window.users[what] += users
  }

  /**
   * Counts a user that hung: when it was asked to stop, it had waited a long time for a promise that did not settle. `isPresent` says whether the
   * user's time counts as user time.
   */
  hung(task: string, away: { sinceMs: number; askedMs: number }, isPresent: boolean): void {
    countHung(this.cuts, task, { ...away, isPresent })
  }

  /** Counts the delay between the planned end of a user's pause and the moment at which the user was resumed. */
  userLag(lagMs: number): void {
    this.cuts.now().worker.userLag.recordMs(lagMs)
  }

  arrivalStarted(): void {
    this.#window.arrivals.started++
  }

  /**
   * Counts an arrival that was dropped, both in the current window and in the second for which the arrival was planned. The arrival may be dropped
   * much later than this second. `dueMs` is the planned time in milliseconds since the start of the run.
   */
  arrivalDropped(cause: 'droppedPool' | 'droppedGenerator', dueMs: number): void {
    this.#window.arrivals[cause]++
    this.cuts.second(Math.floor(dueMs / 1000)).dropped++
  }

  /** Counts a sample that user code passed to `this.record({…})`. The caller has checked the fields of the sample. */
  sample({ method, name, ms, bytes, error }: Required<RecordedSample>): void {
    const shortMethod = this.masked(method).slice(0, 40)
    const key = this.named('metric', `${shortMethod} ${withoutMethod(shortMethod, name)}`)
    const [shownMethod, shown] = key === otherNames ? ['*', key] : [shortMethod, key.slice(shortMethod.length + 1)]
    const cell = within(this.#window.metrics, key, () => emptyRecordedCell(shownMethod, shown))
    cell.count++
    if ((error ?? false) !== false) cell.failures++
    cell.bytes = boundedSum(cell.bytes, bytes)
    cell.duration.recordMs(ms)
  }

  /** Counts a connection over TLS. */
  secured(version: string, verified: boolean): void {
    const { secured } = this.#window
    const key = verified ? version : `${version} unverified`
    secured.set(key, (secured.get(key) ?? 0) + 1)
  }

  /** Counts a connection or a stream. Called only for users that may speak HTTP/2. */
  spoke(origin: string, protocol: ProtocolCell['protocol'], what: 'connection' | 'stream'): void {
    const { protocols } = this.#window
    const own = `${protocol} ${origin}`
    const target = protocols.size < mostTargets || protocols.has(own) ? origin : otherTargets
    const cell = within(protocols, `${protocol} ${target}`, () => emptyProtocolCell(target, protocol))
    if (what === 'connection') cell.connections++
    else cell.streams++
  }

  notice(text: string): void {
    const { notices } = this.#window
    const key = notices.has(text) || notices.size < noticeCap ? text : otherNotices
    notices.set(key, (notices.get(key) ?? 0) + 1)
  }
}

/** The part of the recorder that users and executors see: the methods for counting, without the cells. */
export type Counts = Omit<Recorder, 'cuts' | 'cell'>

/**
 * Returns the string under which a message is counted. A worker counts each of the first `messageCap` messages separately. Each further message
 * shares a string with similar messages. When the worker counts `2 * messageCap` strings, all remaining messages share one string. (When windows are
 * merged, `core/window/fold.ts` limits the number of strings in another way, because the result must not depend on the order of the merges.)
 */
function bounded(cells: ReadonlyMap<string, unknown>, text: string, place: string): string {
  if (cells.size < messageCap || cells.has(place + text)) return text
  const like = othersLike(text)
  return cells.size < 2 * messageCap || cells.has(place + like) ? like : otherTexts
}

function emptyRecordedCell(method: string, name: string): RecordedCell {
  return { method, name, count: 0, failures: 0, bytes: 0, duration: new Distribution() }
}

function timed(cell: TimedCell, failed: boolean, tookMs: number): void {
  cell.count++
  if (failed) cell.failed++
  cell.duration.recordMs(tookMs)
}
