import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { BurstError } from '../../core/errors.ts'
import { runName } from '../../core/input/bounds.ts'
import { decodeControl } from '../../core/fleet/control.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { type ClockAnchor, anchorNow, anchoredClock } from '../../functions/clock.ts'
import { keys } from '../../functions/keys.ts'
import type { Clock } from '../../functions/ports.ts'
import { diskCause, diskCode } from '../../functions/files/disk.ts'
import { makeFolder } from '../../functions/files/make-folder.ts'
import { ownFolder, processSpace, unusable } from '../../functions/files/temporary.ts'
import { FileStore } from '../embedded/file-store.ts'
import { identityEntries, isProcessRunning, ownIdentity } from '../ending/process-identity.ts'

const recordSchema = v.object({
  v: v.literal(1),
  run: v.pipe(v.string(), v.regex(runName)),
  ...identityEntries,
  /** The folder for the results. */
  out: v.string(),
  /** `true` if `--keep-store` was set. */
  keepStore: v.boolean(),
  /** The time at which the run was created, in epoch milliseconds. */
  createdAt: v.number(),
  /** The start of the run's clock. */
  anchor: v.optional(v.object({ epochMs: v.number(), monotonicMs: v.number() })),
})
/** The record of a local run in its folder. */
type RunRecord = v.InferOutput<typeof recordSchema>

/** A local run that is in progress, or whose store was kept. */
export interface KnownRun extends RunRecord {
  folder: string
  store: FileStore
  storeDir: string
  workFolder: string
  /** The folder in the store that contains the scenario's bundle. The bundle contains the rows of the scenario's data files. */
  bundles: string
  /**
   * `true` if the process of the run exists. burst cannot check a process in another container (see `space`). In this case, `active` is true if the
   * lease of the run has not expired.
   */
  active: boolean
  /** The run's clock. It differs from the system time if the system time was changed during the run. */
  clock: Clock
}

/** The name of the folder, in burst's temporary folder, that contains a folder for each run. */
export const runsFolder = 'runs'
const recordFile = 'run.json'
const stopFile = 'stop'
const stopNowFile = 'stop-now'

/** The folder of a run that this process starts. */
export interface OpenRun {
  /** The start of the run's clock. burst commands in other terminals read this start from the folder. */
  anchor: ClockAnchor
  storeDir: string
  /** The folder for the files of the run's processes. */
  workFolder: string
  /**
   * Returns the request of a `burst stop` in another terminal; undefined if there is no request yet. If `now` is true, requests in flight are cut
   * off.
   */
  stopAsked(): Promise<{ reason: string; now: boolean } | undefined>
  /** Deletes the whole folder. */
  remove(): Promise<void>
  /**
   * Removes `workFolder`, the secret variables in the store, and the scenario's bundle. Keeps the rest. The bundle contains the rows of the
   * scenario's data files.
   */
  keepCounts(): Promise<void>
  /** Removes `workFolder` and the secret variables in the store. Keeps the rest. */
  keepAll(): Promise<void>
}

/**
 * Creates the folder of a run. Commands in other terminals find the run by this folder. `out` is the folder for the results.
 * @throws BurstError (97) when the temporary folder cannot be written
 */
export async function openRun(
  plan: RunPlan,
  { out, keepStore }: Pick<RunRecord, 'out' | 'keepStore'>,
): Promise<OpenRun> {
  const folder = join(await ownFolder(), runsFolder, plan.run)
  const parts = partsOf(folder)
  const anchor = anchorNow()
  const record: RunRecord = {
    v: 1,
    run: plan.run,
    ...ownIdentity(),
    out,
    keepStore,
    createdAt: plan.createdAt,
    anchor,
  }
  try {
    await makeFolder(parts.workFolder, 0o700)
    await writeFile(join(folder, recordFile), JSON.stringify(record))
  } catch (error) {
    throw unusable(folder, error)
  }
  return {
    ...parts,
    anchor,
    stopAsked: async () => stopIn(folder),
    remove: async () => discard(folder),
    keepAll: async () => discardSecret({ ...parts, run: plan.run }),
    keepCounts: async () => {
      await discardSecret({ ...parts, run: plan.run })
      await discard(parts.bundles)
    },
  }
}

function partsOf(folder: string): Pick<KnownRun, 'storeDir' | 'workFolder' | 'bundles'> {
  const storeDir = join(folder, 'store')
  return { storeDir, workFolder: join(folder, 'work'), bundles: join(storeDir, 'bundles') }
}

/** Returns the local runs of this user that are in progress or whose store was kept, the newest first. */
export async function knownRuns(): Promise<KnownRun[]> {
  const root = join(await ownFolder(), runsFolder)
  const found = await Promise.all((await namesIn(root)).map(async (name) => knownRun(name)))
  return found.filter((one) => one !== undefined).toSorted((a, b) => b.createdAt - a.createdAt)
}

/** Returns the local run of this name if it is in progress or its store was kept; otherwise undefined. */
export async function knownRun(run: string): Promise<KnownRun | undefined> {
  if (!runName.test(run)) return undefined
  const folder = join(await ownFolder(), runsFolder, run)
  const record = await readRecord(folder)
  if (!record) return undefined
  const parts = partsOf(folder)
  const store = new FileStore(parts.storeDir)
  return { ...record, folder, ...parts, store, clock: clockOf(record), active: await isActive(record, store) }
}

/** Removes the data of a run that is not in progress. */
export async function removeKept({ folder }: KnownRun): Promise<void> {
  await discard(folder)
}

/**
 * Asks the process of a run to stop the run gracefully.
 * @param now `true` cuts off requests in flight and skips `onStop`, even if the run is already stopping gracefully
 */
export async function askToStop({ folder }: KnownRun, reason: string, now = false): Promise<void> {
  const part = join(folder, `.${stopFile}.${process.pid}`)
  await writeFile(part, reason)
  await rename(part, join(folder, now ? stopNowFile : stopFile))
}

async function stopIn(folder: string): Promise<{ reason: string; now: boolean } | undefined> {
  const urgent = await readIfThere(join(folder, stopNowFile))
  if (urgent !== undefined) return { reason: urgent, now: true }
  const reason = await readIfThere(join(folder, stopFile))
  return reason === undefined ? undefined : { reason, now: false }
}

/** Returns the clock of the run. The monotonic clock of the run's process is used only if that process and this process are in the same namespace. */
function clockOf({ anchor, space }: RunRecord): Clock {
  return anchoredClock(space === processSpace() ? anchor : undefined)
}

/** Returns true if the run is active. Checks the process of the run if possible, otherwise the lease. */
async function isActive(record: RunRecord, store: FileStore): Promise<boolean> {
  const isSeen = isProcessRunning(record)
  if (isSeen !== undefined) return isSeen
  const control = await store.get(keys.control(record.run))
  return control !== undefined && leaseOf(control.body) > Date.now()
}

/** Returns the end of the lease in epoch milliseconds; 0 if the control file cannot be read. */
function leaseOf(control: string): number {
  try {
    return decodeControl(control).leaseUntil
  } catch {
    return 0
  }
}

async function readRecord(folder: string): Promise<RunRecord | undefined> {
  const text = await readIfThere(join(folder, recordFile))
  if (text === undefined) return undefined
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), recordSchema), text)
  return parsed.success ? parsed.output : undefined
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

/** Removes a run's secret variables and the files of its processes. Neither the variables nor these files are needed after the run. */
export async function discardSecret({
  workFolder,
  storeDir,
  run,
}: Pick<KnownRun, 'workFolder' | 'storeDir' | 'run'>): Promise<void> {
  await discard(workFolder)
  await new FileStore(storeDir).delete(keys.variables(run))
}

/**
 * Returns the names in a folder, or an empty list if the folder does not exist.
 * @throws BurstError (97) when the folder cannot be read
 */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause: unknown) => {
    if (diskCode(cause) === 'ENOENT') return []
    throw new BurstError('runFailed', `cannot read ${folder}: ${diskCause(cause)}`, { cause })
  })
}

/** Removes a file, or a folder with its content. */
export async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}
