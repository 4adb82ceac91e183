import { deflateRawSync } from 'node:zlib'
import pMap, { pMapIterable } from 'p-map'
import { decodeWindow } from '../../core/window/codec/codec.ts'
import { type Control, decodeControl } from '../../core/fleet/control.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { buildReport } from '../../core/report/build-report.ts'
import { type Fleet, fleetAt } from '../../core/fleet/fleet.ts'
import type { RunLength } from '../../core/report/gather/buckets.ts'
import { type Gathered, Gathering } from '../../core/report/gather/gather.ts'
import type { Report } from '../../core/report/report.ts'
import { windowsOf } from '../../core/shard/compaction.ts'
import type { ShardState } from '../../core/shard/shard.ts'
import { mergeWindow } from '../../core/window/merge-windows.ts'
import { type Window, emptyWindow } from '../../core/window/window.ts'
import type { FinaliseEvent } from '../events.ts'
import { keys, outputFiles } from '../keys.ts'
import type { Environment, Store } from '../ports.ts'
import { ArchiveReader } from '../archives/archive-reader.ts'
import { patientStore, reportPatienceMs } from '../patient-store.ts'
import { readPlan } from '../read-plan.ts'
import { type ClosedShard, type PackedWindow, closeShard, unpacked } from './close.ts'
import { type Ending, endingOf } from './ending.ts'
import { renderOutput } from './render-output.ts'

/** The number of objects that are read concurrently. */
const readAhead = 16

/**
 * Closes a run's shards and writes the files of its report. The last file is `report.json`. If data is missing, the report is still written, and
 * names the missing data. Two finalisers of a run write the same bytes, even if their events differ, as long as they have the same build, can read
 * the same objects, and find the same number of late and unreadable messages. Messages that arrive after their shard was closed are stored as late
 * messages. The report contains their number, but not their counts. If the store fails, finalising waits up to 5 minutes for the store to recover.
 * @throws BurstError (97) when the run has no plan, or when the plan cannot be read; the error of the store when it does not recover in time
 */
export async function finalise(given: FinaliseEvent, outside: Environment): Promise<void> {
  const untilMs = outside.clock.nowMs() + reportPatienceMs
  const env = { ...outside, store: patientStore(outside, { untilMs: () => untilMs }) }
  const { invocation, ...event } = given
  if (invocation !== undefined && (await isReported(event.run, invocation, env.store))) return
  const plan = await readPlan(env.store, given.run)
  const ending = await endingOf(event, env)
  const report = await makeReport(plan, ending, env)
  await writeReport(report, env.store)
  // Deletes the variables in case a lost coordinator has not deleted them.
  await env.store.delete(keys.variables(given.run))
  env.log('report written', figuresOf(report, ending.event))
}

/**
 * Confirms to the coordinator that a finaliser has begun. Returns whether another finaliser has already made the report.
 */
async function isReported(run: string, invocation: string, store: Store): Promise<boolean> {
  await store.put(keys.finaliser(run, invocation), '')
  const report = keys.output(run, 'report.json')
  return (await store.list(report)).includes(report)
}

/** Returns the values of the run for the operator's log. */
function figuresOf(report: Report, { failed }: FinaliseEvent): Record<string, unknown> {
  const { run, verdict, users, totals, completeness, workers } = report
  const lost = new Set(failed.map(({ slice }) => slice))
  const well = new Set(workers.map(({ slice }) => slice).filter((slice) => !lost.has(slice)))
  return {
    run: run.id,
    result: verdict.result,
    exitCode: verdict.exitCode,
    complete: completeness.complete,
    users: users.started,
    requests: totals.requests,
    failures: totals.failures,
    p99: totals.latencyMs.p99,
    // If the run never began, no worker counts as lost, because no slice was expected to run.
    workersLost: Math.max(0, completeness.slicesExpected - well.size),
  }
}

async function makeReport(plan: RunPlan, { event, control: text }: Ending, env: Environment): Promise<Report> {
  const unread: string[] = []
  const control = text === null ? null : controlIn(text, unread)
  const fleet = fleetAt(plan, control)
  const shards = await closeShards(plan.run, fleet, { env, unread })
  const gathered = await gather({
    shards,
    windowMs: plan.windowMs,
    endMs: fleet.profile.endMs,
    store: env.store,
    unread,
  })
  const [late, unreadable] = await Promise.all([
    env.store.list(keys.lates(plan.run)),
    env.store.list(keys.unreadables(plan.run)),
  ])
  const { events, failed, unbegun = [], failure, began = true, exceptions = [] } = event
  mergeWindow(gathered.totals, { ...emptyWindow(), exceptions: exceptionsOf(exceptions) })
  const data = {
    plan,
    control,
    shards,
    gathered,
    late: late.length,
    unreadable: unreadable.length,
    unread: unread.toSorted(),
    events,
    failed,
    unbegun,
    failure,
    began,
    skew: skewOf(plan, env),
  }
  return buildReport(data, deflateRawSync)
}

/** Returns the errors of `onEvent` for windows. The returned errors have the same form as the exceptions of workers. */
function exceptionsOf(thrown: NonNullable<FinaliseEvent['exceptions']>): Window['exceptions'] {
  return new Map(thrown.map(({ message, count }) => [message, { message, stack: '', count }]))
}

/** Returns a failure if a different build planned the run. This build still makes the report, but the report contains this failure. */
function skewOf(plan: RunPlan, { build }: Environment): FinaliseEvent['failure'] {
  if (plan.build === build) return null
  return {
    reason: 'runFailed',
    message: `the run was planned by build ${plan.build}, and its report was made by build ${build}`,
  }
}

async function closeShards(
  run: string,
  fleet: Fleet,
  { env, unread }: { env: Environment; unread: string[] },
): Promise<ClosedShard[]> {
  const numbers = Array.from({ length: fleet.shards }, (_, shard) => shard)
  const archives = new ArchiveReader(env.store, 0)
  const close = async (shard: number): Promise<ClosedShard | undefined> => {
    try {
      return await archives.whole(await closeShard(run, shard, env), unread)
    } catch (error) {
      unread.push(`shard ${shard} could not be read: ${sentenceOf(error)}`)
      return undefined
    }
  }
  const states = await pMap(numbers, close, { concurrency: readAhead })
  return states.filter((state) => state !== undefined)
}

function controlIn(text: string, unread: string[]): Control | null {
  try {
    return decodeControl(text)
  } catch (error) {
    unread.push(`the control file of the run could not be read: ${sentenceOf(error)}`)
    return null
  }
}

/** The data from which the windows of a run are read. */
export interface Sources {
  /** The shards of the run, with the contents of their archives. */
  shards: readonly (ShardState | ClosedShard)[]
  windowMs: number
  /** The planned end, in milliseconds since the start; null if the plan has no end. */
  endMs: number | null
  store: Store
  unread: string[]
}

/** Returns the length of the run. The run ends with the last one-second interval in which a worker counted anything. */
function lengthOf({ shards, endMs }: Sources): RunLength {
  const latest = shards.flatMap(({ attempts }) => [...attempts.values()].map(({ latestSecond }) => latestSecond))
  return {
    seconds: 1 + latest.reduce((a, b) => Math.max(a, b), -1),
    plannedS: endMs === null ? undefined : endMs / 1000,
  }
}

/** A source of counts: either an object in the store, or a window that was still open when its shard was closed. */
interface Piece {
  shard: number
  /** The windows of the grid for which this source has counts, ascending. */
  windows: readonly number[]
  content: { key: string } | { open: Window | PackedWindow }
}

/** Reads all windows to which the shards refer, and the open windows of the shards. */
export async function gather(sources: Sources): Promise<Gathered> {
  const pieces = sources.shards.flatMap(piecesOf).toSorted((a, b) => firstOf(a) - firstOf(b))
  const gathering = new Gathering(sources.windowMs, lengthOf(sources))
  // Objects are read in advance but not decoded in advance, because a decoded window takes many times as much memory as an encoded one.
  const read = async (piece: Piece): Promise<Piece & { read: Window | PackedWindow | string | undefined }> => {
    const { content } = piece
    return { ...piece, read: 'open' in content ? content.open : await readText(content.key, sources) }
  }
  for await (const piece of pMapIterable(pieces, read, { concurrency: readAhead })) {
    const window = windowIn(piece, sources)
    if (window) gathering.add(piece.shard, firstOf(piece), window, piece.windows)
  }
  return gathering.end()
}

async function readText(key: string, { store, unread }: Sources): Promise<string | undefined> {
  try {
    const stored = await store.get(key)
    if (stored) return stored.body
    unread.push(`${key} is gone`)
  } catch (error) {
    unread.push(`${key} could not be read: ${sentenceOf(error)}`)
  }
  return undefined
}

function windowIn(
  { shard, windows, content, read }: Piece & { read: Window | PackedWindow | string | undefined },
  { unread }: Sources,
): Window | undefined {
  try {
    if (read instanceof Uint8Array) return unpacked(read)
    return typeof read === 'string' ? decodeWindow(read) : read
  } catch (error) {
    const what = 'key' in content ? content.key : `window ${windows.join()} of shard ${shard}`
    unread.push(`${what} could not be read: ${sentenceOf(error)}`)
  }
  return undefined
}

/** Returns the pieces in a fixed order, so that all reports of a run add the counts in the same order. */
function piecesOf({ shard, sealed, open }: ShardState | ClosedShard): Piece[] {
  const known = sealed.toSorted((a, b) => a.window - b.window || (a.key < b.key ? -1 : 1))
  return [
    ...known.map((one) => ({ shard, windows: windowsOf(one), content: { key: one.key } })),
    ...[...open].map(([window, content]): Piece => ({ shard, windows: [window], content: { open: content } })),
  ]
}

function firstOf({ windows }: Piece): number {
  return windows[0] ?? 0
}

async function writeReport(report: Report, store: Store): Promise<void> {
  for (const file of outputFiles) await store.put(keys.output(report.run.id, file), await renderOutput(report, file))
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
