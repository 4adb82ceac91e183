import {
  type ExceptionCell,
  type Exemplar,
  type RequestCell,
  type Window,
  type WorkerCell,
  emptyRequestCell,
  emptyWindow,
  emptyWorkerCell,
  exemplarCap,
  nameCap,
  otherNames,
} from '../../../../core/window/window.ts'
import { Distribution } from '../../../../core/window/distribution.ts'
import { otherTexts, othersLike } from '../../../../core/window/fold.ts'
import type { Failure } from '../http/failure.ts'
import { capName } from '../http/sending/route.ts'
import { userStack, wordsIn } from './thrown.ts'

/** Different failure messages and exceptions that one worker keeps apart in one window. */
const messageCap = 200
/** Different notices that one worker keeps apart in one window. */
const noticeCap = 50

/** A statistics row that requests go to, looked up once per route. */
export interface RouteRow {
  readonly method: string
  readonly name: string
  tags: string[]
  readonly seenTags: Set<readonly string[]>
  cell: RequestCell
  generation: number
}

/** Writes what happens into the present window; at an interval's end the window is taken away and a new one begun. */
export class Recorder {
  window: Window = emptyWindow()
  worker: WorkerCell
  /** Where the bundle lies: the scenario's own files are named relative to it. */
  sourceFolder = '/'
  /** Whether each request name counts its seconds. */
  readonly namesHaveSeconds: boolean
  readonly #rows = new Map<string, RouteRow>()
  readonly #names = { check: new Set<string>(), step: new Set<string>(), metric: new Set<string>() }
  #generation = 0
  readonly #slice: number
  readonly #attempt: number

  constructor(slice: number, attempt: number, namesHaveSeconds = true) {
    this.namesHaveSeconds = namesHaveSeconds
    this.#slice = slice
    this.#attempt = attempt
    this.worker = this.#beginWorker()
  }

  /** The row of a name. After `nameCap` names, one row for all further ones. */
  row(method: string, name: string): RouteRow {
    const key = `${method} ${name}`
    const known = this.#rows.get(key)
    if (known) return known
    if (this.#rows.size >= nameCap && name !== otherNames) return this.row('*', otherNames)
    const made = {
      method,
      name,
      tags: [],
      seenTags: new Set<readonly string[]>(),
      cell: emptyRequestCell(method, name),
      generation: -1,
    }
    this.#rows.set(key, made)
    return made
  }

  /** The row's cell in the present window. */
  cell(row: RouteRow, tags: readonly string[]): RequestCell {
    if (tags.length > 0 && !row.seenTags.has(tags)) {
      row.seenTags.add(tags)
      row.tags = [...new Set([...row.tags, ...tags])].sort()
      row.cell.tags = row.tags
    }
    if (row.generation !== this.#generation) {
      row.cell = emptyRequestCell(row.method, row.name, row.tags)
      row.generation = this.#generation
      this.window.requests.set(`${row.method} ${row.name}`, row.cell)
    }
    return row.cell
  }

  second(at: number): { users: number; draining: number; requests: number; failures: number } {
    return within(this.window.seconds, at, () => ({ users: 0, draining: 0, requests: 0, failures: 0 }))
  }

  /** Counts a failure that happened `at` (epoch milliseconds) in a second of the run; the example is made only where it is kept. */
  // oxlint-disable-next-line max-params -- what, where, when, and the look of it
  failure(
    row: RouteRow,
    failure: Failure,
    { at, second }: { at: number; second: number },
    example: () => Exemplar,
  ): void {
    const { errors } = this.window
    const place = `${row.method} ${row.name}\t${failure.kind}\t`
    const message = bounded(errors, failure.message.slice(0, 300), place)
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
    const message = bounded(exceptions, wordsIn(thrown, this.sourceFolder).slice(0, 500), '')
    const cell: ExceptionCell = within(exceptions, message, () => ({
      message,
      stack: userStack(thrown, this.sourceFolder),
      count: 0,
    }))
    cell.count++
  }

  /** A name that the scenario gave, as it is counted: after `nameCap` of a kind, one name for all further ones. */
  named(kind: 'check' | 'step' | 'metric', name: string): string {
    const names = this.#names[kind]
    const short = capName(name)
    if (names.size < nameCap) names.add(short)
    return names.has(short) ? short : otherNames
  }

  check(name: string, passed: boolean): void {
    const cell = within(this.window.checks, this.named('check', name), () => ({ passed: 0, failed: 0 }))
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
    timed(within(this.window.iterations, key, emptyTimed), failed, tookMs)
  }

  step(name: string, failed: boolean, tookMs: number): void {
    timed(within(this.window.steps, this.named('step', name), emptyTimed), failed, tookMs)
  }

  notice(text: string): void {
    const { notices } = this.window
    const key = notices.has(text) || notices.size < noticeCap ? text : '(other notices)'
    notices.set(key, (notices.get(key) ?? 0) + 1)
  }

  /** Takes the present window away and begins the next. */
  take(): Window {
    const taken = this.window
    this.window = emptyWindow()
    this.#generation++
    this.worker = this.#beginWorker()
    return taken
  }

  #beginWorker(): WorkerCell {
    const worker = emptyWorkerCell(this.#slice, this.#attempt)
    this.window.workers.set(`${this.#slice}-${this.#attempt}`, worker)
    return worker
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

function timed(cell: ReturnType<typeof emptyTimed>, failed: boolean, tookMs: number): void {
  cell.count++
  if (failed) cell.failed++
  cell.duration.recordMs(tookMs)
}

function emptyTimed(): { count: number; failed: number; duration: Distribution } {
  return { count: 0, failed: 0, duration: new Distribution() }
}

export function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
