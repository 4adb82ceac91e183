import { performance } from '../../../guard/built-ins.ts'
import {
  type ExceptionCell,
  type Exemplar,
  type RequestCell,
  type SecondCell,
  type TimedCell,
  type Window,
  type WorkerCell,
  boundedSum,
  emptyIterationCell,
  emptyRequestCell,
  emptySecondCell,
  emptyTimedCell,
  emptyWindow,
  emptyWorkerCell,
  exemplarCap,
  nameCap,
  otherNames,
} from '../../../../core/window/window.ts'
import { type Totals, zeroTotals } from '../../../../core/window/message.ts'
import { otherTexts, othersLike } from '../../../../core/window/fold.ts'
import type { Source } from './source.ts'
import type { Failure } from '../http/failure.ts'
import { capName } from '../http/sending/route.ts'
import { userStack, wordsIn } from './thrown.ts'

/** Different failure messages and exceptions that one worker keeps apart in one window. */
const messageCap = 200
/** So much of a message is searched for secrets, characters: much more than is shown. */
const longestSearched = 10_000
/** Different notices that one worker keeps apart in one window. */
const noticeCap = 50

/** A statistics row that requests go to, looked up once per route. */
export interface RouteRow {
  readonly method: string
  readonly name: string
  tags: string[]
  tasks: string[]
  readonly seen: Set<Source>
  cell: RequestCell
  /** Which window `cell` belongs to. */
  cut: Cut | null
  /** Median latency as it was read last, and the second in which it was. */
  medianMs: number
  medianSecond: number
}

/** What was counted in one window of the run's grid and has not been handed over. */
export interface Cut {
  /** Place on the grid. */
  place: number
  window: Window
  worker: WorkerCell
  totals: Totals
}

/**
 * Writes what happens into the window of the grid in which it happens: a request into the window of its end, even if it is judged later,
 * everything else into the window of the moment. Windows are taken away when they are handed over; what comes late to one of these
 * begins a second piece of it.
 */
export class Recorder {
  /** Where the bundle lies: the scenario's own files are named relative to it. */
  sourceFolder = '/'
  /** Whether each request name counts its seconds. */
  readonly namesHaveSeconds: boolean
  /** Takes secrets out of a text. */
  masked: (text: string) => string = (text) => text
  readonly #rows = new Map<string, RouteRow>()
  readonly #names = { check: new Set<string>(), step: new Set<string>(), metric: new Set<string>() }
  readonly #slice: number
  readonly #attempt: number
  readonly #windowMs: number
  readonly #cuts = new Map<number, Cut>()
  #startMs = Number.POSITIVE_INFINITY
  #present: Cut | undefined
  #presentFromMs = Number.NEGATIVE_INFINITY
  #presentUntilMs = Number.POSITIVE_INFINITY

  constructor(of: { slice: number; attempt: number; windowMs: number; namesHaveSeconds?: boolean }) {
    const { slice, attempt, windowMs, namesHaveSeconds = true } = of
    this.namesHaveSeconds = namesHaveSeconds
    this.#slice = slice
    this.#attempt = attempt
    this.#windowMs = windowMs
  }

  /** The moment, on the engine's clock, at which the grid begins; before it all counts to its first window. */
  startAt(startMs: number): void {
    this.#startMs = startMs
    if (this.#present) this.#turnTo(this.#present.place)
  }

  /** Milliseconds since the start of a moment of the engine's clock. */
  sinceStart(ms: number): number {
    return ms - this.#startMs
  }

  /** What is counted at this moment. */
  get window(): Window {
    return this.at(performance.now()).window
  }

  get worker(): WorkerCell {
    return this.at(performance.now()).worker
  }

  /** The window in which a moment of the engine's clock lies. */
  at(ms: number): Cut {
    if (this.#present && ms >= this.#presentFromMs && ms < this.#presentUntilMs) return this.#present
    return this.#cutAt(this.#placeOf(ms))
  }

  #cutAt(place: number): Cut {
    const cut = this.#cuts.get(place) ?? this.#begin(place)
    if (place > (this.#present?.place ?? -1)) {
      this.#present = cut
      this.#turnTo(place)
    }
    return cut
  }

  /** The row of a name. After `nameCap` names, one row for all further ones. */
  row(method: string, name: string): RouteRow {
    const key = `${method} ${name}`
    const known = this.#rows.get(key)
    if (known) return known
    if (this.#rows.size >= nameCap && name !== otherNames) return this.row('*', otherNames)
    const shown = capName(this.masked(name))
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
    }
    this.#rows.set(key, made)
    return made
  }

  /** Names that differ in a secret only are one row. */
  #alias(key: string, row: RouteRow): RouteRow {
    if (this.#rows.size < nameCap) this.#rows.set(key, row)
    return row
  }

  /** The row's cell in a window. */
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

  second(at: number): SecondCell {
    const { seconds } = this.#cutAt(Math.floor((at * 1000) / this.#windowMs)).window
    return within(seconds, at, emptySecondCell)
  }

  /** Counts a failure that happened `at` (epoch milliseconds) in a second of the run; the example, without secrets, is made only where it is kept. */
  // oxlint-disable-next-line max-params -- what, where, when, and the look of it
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
    cell.lastAt = Math.max(cell.lastAt, at)
    if (cell.exemplars.length < exemplarCap) cell.exemplars.push(example())
  }

  /** Counts something that user code threw. The stack is worked out once per message: that is costly. */
  exception(thrown: unknown): void {
    const { exceptions } = this.window
    const message = bounded(exceptions, this.masked(wordsIn(thrown, this.sourceFolder)).slice(0, 500), '')
    const cell: ExceptionCell = within(exceptions, message, () => ({
      message,
      stack: this.masked(userStack(thrown, this.sourceFolder)),
      count: 0,
    }))
    cell.count++
  }

  /** A name that the scenario gave, as it is counted: after `nameCap` of a kind, one name for all further ones. */
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

  /** Counts a life that passed `onStart`, and whether something had failed by then. */
  begun(className: string, harmed: boolean): void {
    const { users } = this.window
    users.startedByClass.set(className, (users.startedByClass.get(className) ?? 0) + 1)
    if (harmed) users.harmed++
  }

  iteration(key: string, failed: boolean, tookMs: number): void {
    timed(within(this.window.iterations, key, emptyIterationCell), failed, tookMs)
  }

  step(name: string, failed: boolean, tookMs: number): void {
    timed(within(this.window.steps, this.named('step', name), emptyTimedCell), failed, tookMs)
  }

  /** Counts slots of a pacing grid that were given up. */
  missed(iterations: number): void {
    const { users } = this.window
    users.missedIterations = boundedSum(users.missedIterations, iterations)
  }

  notice(text: string): void {
    const { notices } = this.window
    const key = notices.has(text) || notices.size < noticeCap ? text : '(other notices)'
    notices.set(key, (notices.get(key) ?? 0) + 1)
  }

  /** Takes away what was counted, in the order of the grid: all of it, or with `whole` the windows that are over at this moment, if any are. */
  take(whole: boolean): Cut[] {
    const present = this.at(performance.now())
    const all = [...this.#cuts.values()].toSorted((a, b) => a.place - b.place)
    const over = all.filter((cut) => cut.place < present.place)
    const taken = whole && over.length > 0 ? over : all
    for (const cut of taken) this.#cuts.delete(cut.place)
    if (taken.includes(present)) this.#present = undefined
    return taken
  }

  #placeOf(ms: number): number {
    return Math.max(0, Math.floor((ms - this.#startMs) / this.#windowMs))
  }

  #turnTo(place: number): void {
    this.#presentFromMs = place === 0 ? Number.NEGATIVE_INFINITY : this.#startMs + place * this.#windowMs
    this.#presentUntilMs = this.#startMs + (place + 1) * this.#windowMs
  }

  #begin(place: number): Cut {
    const worker = emptyWorkerCell(this.#slice, this.#attempt)
    const cut = { place, window: emptyWindow(), worker, totals: { ...zeroTotals } }
    cut.window.workers.set(`${this.#slice}-${this.#attempt}`, worker)
    this.#cuts.set(place, cut)
    return cut
  }
}

/**
 * The text under which a message is counted: its own, or past `messageCap` that of the others like it. The merge folds by rank, so that all
 * workers agree; here the first ones stay apart.
 */
function bounded(cells: ReadonlyMap<string, unknown>, text: string, place: string): string {
  if (cells.size < messageCap || cells.has(place + text)) return text
  const like = othersLike(text)
  return cells.size < 2 * messageCap || cells.has(place + like) ? like : otherTexts
}

function timed(cell: TimedCell, failed: boolean, tookMs: number): void {
  cell.count++
  if (failed) cell.failed++
  cell.duration.recordMs(tookMs)
}

export function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
