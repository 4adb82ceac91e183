import { boundedSum } from '../extremes.ts'
import { addRequestSecond, emptyRequestSecond } from './histograms/compact.ts'
import { Distribution } from './histograms/distribution.ts'
import {
  type Folding,
  fold,
  boundedUnion,
  foldCounts,
  foldingNames,
  isOthersLike,
  otherTexts,
  othersLike,
} from './fold.ts'
import { mergeConnections } from './merge-connections.ts'
import {
  type ArrivalCell,
  type CheckCell,
  type ErrorCell,
  type ExceptionCell,
  type Exemplar,
  type IterationCell,
  type TimedCell,
  type JudgedSecond,
  type RecordedCell,
  type RequestCell,
  type SecondCell,
  type UserCell,
  type Window,
  type WorkerCell,
  emptyIterationCell,
  emptyRequestCell,
  emptyTimedCell,
  emptySecondCell,
  emptyWorkerCell,
  exemplarCap,
  otherNames,
  otherNotices,
  otherTags,
  sectionCaps,
} from './window.ts'

/**
 * Adds the counts of `from` to `into`. Does not change `from`. After the merge, `from` and `into` do not share objects. The operation is associative
 * and commutative, and adding an empty window has no effect. Sections in which user code can create keys have a limited size (`fold.ts`), but every
 * count is kept.
 */
export function mergeWindow(into: Window, from: Window): void {
  mergeCells(into.requests, from.requests, {
    empty: (cell) => emptyRequestCell(cell.method, cell.name),
    add: addRequests,
  })
  fold(into.requests, requestFolding)
  mergeCells(into.seconds, from.seconds, { empty: emptySecondCell, add: addCounts })
  mergeCells(into.iterations, from.iterations, { empty: emptyIterationCell, add: addIterations })
  mergeCells(into.checks, from.checks, { empty: emptyCheck, add: addCounts })
  fold(into.checks, checkFolding)
  mergeCells(into.steps, from.steps, { empty: emptyTimedCell, add: addTimed })
  fold(into.steps, stepFolding)
  mergeCells(into.metrics, from.metrics, { empty: emptyRecorded, add: addRecorded })
  fold(into.metrics, metricFolding)
  mergeCells(into.errors, from.errors, { empty: emptyError, add: addErrors })
  fold(into.errors, errorFolding)
  mergeCells(into.exceptions, from.exceptions, { empty: emptyException, add: addExceptions })
  fold(into.exceptions, exceptionFolding)
  addCounts(into.arrivals, from.arrivals)
  addUsers(into.users, from.users)
  mergeCells(into.workers, from.workers, {
    empty: (cell) => emptyWorkerCell(cell.slice, cell.attempt),
    add: addWorkers,
  })
  mergeConnections(into, from)
  mergeCounts(into.notices, from.notices)
  foldCounts(into.notices, sectionCaps.notices, otherNotices)
}

interface Merging<V> {
  /** Returns an empty cell with the name of `like`. */
  empty: (like: V) => V
  add: (into: V, from: V) => void
}

function mergeCells<K, V>(into: Map<K, V>, from: ReadonlyMap<K, V>, { empty, add }: Merging<V>): void {
  for (const [key, cell] of from) {
    let mine = into.get(key)
    if (mine === undefined) into.set(key, (mine = empty(cell)))
    add(mine, cell)
  }
}

function mergeCounts<K>(into: Map<K, number>, from: ReadonlyMap<K, number>): void {
  for (const [key, count] of from) into.set(key, (into.get(key) ?? 0) + count)
}

/** Adds every field of one cell to the same field of another cell. Every field of the cells must be a count. */
function addCounts<T extends SecondCell | CheckCell | ArrivalCell>(into: T, from: T): void {
  const counts = into as unknown as Record<string, number>
  for (const [name, count] of Object.entries(from)) counts[name] = (counts[name] ?? 0) + (count as number)
}

function emptyJudged(): JudgedSecond {
  return { requests: 0, late: 0, uncertain: 0 }
}

function addJudged(into: JudgedSecond, from: JudgedSecond): void {
  into.requests += from.requests
  into.late += from.late
  into.uncertain += from.uncertain
  for (const share of ['busyShare', 'waitShare'] as const) {
    if (from[share] !== undefined) into[share] = Math.max(into[share] ?? 0, from[share])
  }
}

function emptyCheck(): CheckCell {
  return { passed: 0, failed: 0 }
}

function addTimed(into: TimedCell, from: TimedCell): void {
  into.count += from.count
  into.failed += from.failed
  into.duration.add(from.duration)
}

function addIterations(into: IterationCell, from: IterationCell): void {
  addTimed(into, from)
  into.hung += from.hung
  into.hungFromMs = ofBoth(Math.min, into.hungFromMs, from.hungFromMs)
}

function emptyRecorded({ method, name }: RecordedCell): RecordedCell {
  return { method, name, count: 0, failures: 0, bytes: 0, duration: new Distribution() }
}

function addRecorded(into: RecordedCell, from: RecordedCell): void {
  into.count += from.count
  into.failures += from.failures
  into.bytes = boundedSum(into.bytes, from.bytes)
  into.duration.add(from.duration)
}

function addRequests(into: RequestCell, from: RequestCell): void {
  into.tags = boundedUnion(into.tags, from.tags, sectionCaps.tags, otherTags)
  into.tasks = [...new Set([...into.tasks, ...from.tasks])].toSorted()
  into.requests += from.requests
  into.failures += from.failures
  into.exchanges += from.exchanges
  into.interrupted += from.interrupted
  into.open.add(from.open)
  into.reconnects += from.reconnects
  into.bytesIn += from.bytesIn
  into.bytesOut += from.bytesOut
  mergeCounts(into.statuses, from.statuses)
  into.latency.add(from.latency)
  into.fromIntent.add(from.fromIntent)
  into.dns.add(from.dns)
  into.connect.add(from.connect)
  into.tls.add(from.tls)
  into.firstByte.add(from.firstByte)
  into.body.add(from.body)
  mergeCells(into.seconds, from.seconds, { empty: emptyRequestSecond, add: addRequestSecond })
}

function emptyError({ method, name, kind, message, firstAt, lastAt }: ErrorCell): ErrorCell {
  return { method, name, kind, message, count: 0, firstAt, lastAt, exemplars: [], seconds: new Map() }
}

function addErrors(into: ErrorCell, from: ErrorCell): void {
  into.count += from.count
  into.firstAt = Math.min(into.firstAt, from.firstAt)
  into.lastAt = Math.max(into.lastAt, from.lastAt)
  mergeCounts(into.seconds, from.seconds)
  into.exemplars = [...into.exemplars, ...from.exemplars].toSorted(byTimeThenContent).slice(0, exemplarCap)
}

/** Defines a total order of examples. The choice of the earliest examples therefore does not depend on the order of merging. */
function byTimeThenContent(a: Exemplar, b: Exemplar): number {
  return (
    a.at - b.at ||
    a.user - b.user ||
    compare(a.url, b.url) ||
    a.status - b.status ||
    compare(contentOf(a), contentOf(b))
  )
}

/** Joins the trace id and the body. A trace id has a fixed length, so the strings of different examples differ. */
function contentOf({ traceId = '', body = '' }: Exemplar): string {
  return `${traceId} ${body}`
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function emptyException({ message }: ExceptionCell): ExceptionCell {
  return { message, stack: '', count: 0 }
}

/**
 * Keeps one stack for all occurrences of a message: the first stack in alphabetical order. The choice therefore does not depend on the order of
 * merging.
 */
function addExceptions(into: ExceptionCell, from: ExceptionCell): void {
  if (into.stack === '' || (from.stack !== '' && from.stack < into.stack)) into.stack = from.stack
  into.count += from.count
}

function addUsers(into: UserCell, from: UserCell): void {
  mergeCounts(into.startedByClass, from.startedByClass)
  for (const count of userCounts) into[count] += from[count]
  into.missedIterations = boundedSum(into.missedIterations, from.missedIterations)
}

const userCounts = ['failedToStart', 'unserved', 'harmed', 'exhausted', 'late', 'carried', 'begunAnew'] as const

const workerGauges = [
  'users',
  'loopDelayP99Ms',
  'loopDelayMaxMs',
  'loopUtilization',
  'coreWaitShare',
  'gcMaxMs',
  'rssMb',
  'sockets',
  'overdue',
] as const

const workerSums = ['requests', 'generatorErrors', 'lostUs', 'regainedUs', 'userUs', 'hungUs'] as const

function addWorkers(into: WorkerCell, from: WorkerCell): void {
  for (const sum of workerSums) into[sum] += from[sum]
  into.lag.add(from.lag)
  into.userLag.add(from.userLag)
  into.sendLag.add(from.sendLag)
  into.timingError.add(from.timingError)
  mergeCells(into.judged, from.judged, { empty: emptyJudged, add: addJudged })
  for (const gauge of workerGauges) into[gauge] = Math.max(into[gauge], from[gauge])
  into.gcMs = (wholeUs(into.gcMs) + wholeUs(from.gcMs)) / 1000
  into.clockOffsetMs = farther(into.clockOffsetMs, from.clockOffsetMs)
  into.blocked ||= from.blocked
  into.terminated ||= from.terminated
  into.activeFromMs = ofBoth(Math.min, into.activeFromMs, from.activeFromMs)
  into.activeToMs = ofBoth(Math.max, into.activeToMs, from.activeToMs)
  into.finishedMs = ofBoth(Math.max, into.finishedMs, from.finishedMs)
}

/** The value null means "not measured". */
function ofBoth(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : choose(a, b)
}

/** Rounds to whole microseconds, because a sum of fractions would depend on the order of adding. */
function wholeUs(ms: number): number {
  return Math.round(ms * 1000)
}

/** Returns the offset with the greater absolute value. If both absolute values are equal, returns the positive offset. */
function farther(a: number, b: number): number {
  if (Math.abs(a) === Math.abs(b)) return Math.max(a, b)
  return Math.abs(a) > Math.abs(b) ? a : b
}

const requestFolding = foldingNames<RequestCell>(
  sectionCaps.names,
  () => ({ key: `* ${otherNames}`, cell: emptyRequestCell('*', otherNames) }),
  addRequests,
)
const checkFolding = foldingNames(sectionCaps.names, () => ({ key: otherNames, cell: emptyCheck() }), addCounts)
const stepFolding = foldingNames(sectionCaps.names, () => ({ key: otherNames, cell: emptyTimedCell() }), addTimed)
const metricFolding = foldingNames<RecordedCell>(
  sectionCaps.names,
  () => ({ key: otherNames, cell: emptyRecorded({ method: '*', name: otherNames } as RecordedCell) }),
  addRecorded,
)

/**
 * Every row contains failures of only one kind. If there are too many rows, similar failures share a row: the failures have the same request name,
 * and their messages differ only in numbers. If there are too many of these shared rows, all further failures of a kind share one row.
 */
const errorFolding: Folding<ErrorCell> = {
  most: sectionCaps.errors,
  others: (_, cell) => errorRow({ ...cell, message: othersLike(cell.message) }),
  add: addErrors,
  isOthers: (key) => isOthersLike(key.slice(key.lastIndexOf('\t') + 1)),
  rest: (_, cell) => errorRow({ ...cell, method: '*', name: otherNames, message: otherTexts }),
}

function errorRow(cell: ErrorCell): { key: string; cell: ErrorCell } {
  const { method, name, kind, message } = cell
  return { key: `${method} ${name}\t${kind}\t${message}`, cell: emptyError(cell) }
}

const exceptionFolding: Folding<ExceptionCell> = {
  most: sectionCaps.exceptions,
  others: (key, cell) => ({ key: othersLike(key), cell: emptyException({ ...cell, message: othersLike(key) }) }),
  add: addExceptions,
  isOthers: isOthersLike,
  rest: (_, cell) => ({ key: otherTexts, cell: emptyException({ ...cell, message: otherTexts }) }),
}
