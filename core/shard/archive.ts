import { greatest, smallest } from '../extremes.ts'
import { minuteOf, windowsOf } from './compaction.ts'
import { isWhole, noSequences } from './ledger.ts'
import type { Archive, ArchiveReference, ArchivedAttempts, AttemptLedger, SealedWindow, ShardState } from './shard.ts'
import { zeroTotals } from '../window/message.ts'

/**
 * Ledgers and references stay in the state of a shard for at least this many milliseconds, measured by the shard's own clock. A message is rarely
 * delayed for longer than this time. The coordinator and the live view do not need older ledgers and references.
 */
export const keptMs = 15 * 60_000
/** The minimum size of a new archive: at least `fewestLedgers` ledgers, or at least `fewestReferences` references to windows. */
const fewestLedgers = 50
const fewestReferences = 15
/** The number of archives of one level that are merged into one archive of the next level. */
const archivesPerLevel = 8

/** Returns the key of an attempt's ledger. */
export function keyOf({ slice, attempt }: { slice: number; attempt: number }): string {
  return `${slice}-${attempt}`
}

/**
 * Returns the ledgers and the references that must be moved to an archive. Returns undefined if there are fewer than `fewestLedgers` such ledgers and
 * fewer than `fewestReferences` such references. The ledger of an attempt is moved if the attempt has not sent a message for `keptMs`, and if a later
 * attempt of the slice has sent a message. All references of a minute are moved together, when all windows of the minute ended more than `keptMs`
 * ago. The references therefore keep their order.
 */
export function archivable(
  { attempts, sealed, clockMs }: Pick<ShardState, 'attempts' | 'sealed' | 'clockMs'>,
  { startAt, windowMs }: { startAt: number; windowMs: number },
): Archive | undefined {
  const beforeMs = clockMs - keptMs
  const latest = new Map<number, number>()
  for (const { slice, attempt } of attempts.values()) latest.set(slice, Math.max(latest.get(slice) ?? 0, attempt))
  const isOld = ({ slice, attempt, lastSentAt }: AttemptLedger): boolean =>
    attempt < (latest.get(slice) ?? 0) && lastSentAt < beforeMs
  const ledgers = [...attempts].filter(([, ledger]) => isOld(ledger))
  const isRecent = (one: SealedWindow): boolean => startAt + (lastWindowOf(one) + 1) * windowMs >= beforeMs
  const recentMinutes = new Set(sealed.filter(isRecent).map((one) => minuteOf(one, windowMs)))
  const references = sealed.filter((one) => !recentMinutes.has(minuteOf(one, windowMs)))
  if (ledgers.length < fewestLedgers && references.length < fewestReferences) return undefined
  return { v: 1, attempts: new Map(ledgers), sealed: references, archives: [] }
}

/** Removes the contents of a new archive from the state, and adds a reference to the archive. */
export function moveToArchive(state: ShardState, archive: Archive, key: string): void {
  const gone = new Set(archive.sealed)
  state.sealed = state.sealed.filter((one) => !gone.has(one))
  for (const [name, ledger] of archive.attempts) {
    state.attempts.delete(name)
    state.archived.set(ledger.slice, withArchived(state.archived.get(ledger.slice), ledger))
  }
  const numbers = [...archive.attempts.values()].map(({ attempt }) => attempt)
  state.archives.push({
    key,
    level: 0,
    firstAttempt: numbers.length === 0 ? -1 : smallest(numbers, Number),
    lastAttempt: greatest(numbers, Number, -1),
    lastWindow: greatest(archive.sealed, lastWindowOf, -1),
  })
}

/** Returns the archives to merge into one archive of the next level; undefined if there are too few. */
export function mergeableArchives({ archives }: Pick<ShardState, 'archives'>): Archive | undefined {
  const last = archives.slice(-archivesPerLevel)
  if (last.length < archivesPerLevel || last.some(({ level }) => level !== last[0]?.level)) return undefined
  return { v: 1, attempts: new Map(), sealed: [], archives: last }
}

/** In the state, replaces several references to archives with one reference to a new archive. The new archive contains the replaced references. */
export function replaceArchives(state: Pick<ShardState, 'archives'>, { archives }: Archive, key: string): void {
  const withLedgers = archives.filter(({ lastAttempt }) => lastAttempt >= 0)
  const level = 1 + greatest(archives, (one) => one.level)
  state.archives = [
    ...state.archives.filter((one) => !archives.includes(one)),
    {
      key,
      level,
      firstAttempt: withLedgers.length === 0 ? -1 : smallest(withLedgers, (one) => one.firstAttempt),
      lastAttempt: greatest(archives, (one) => one.lastAttempt),
      lastWindow: greatest(archives, (one) => one.lastWindow),
    },
  ]
}

/** Returns `true` if the state does not contain the ledger of an attempt, but an archive may contain this ledger. */
export function isArchived(
  { attempts, archived }: Pick<ShardState, 'attempts' | 'archived'>,
  one: { slice: number; attempt: number },
): boolean {
  return one.attempt <= (archived.get(one.slice)?.newest ?? -1) && !attempts.has(keyOf(one))
}

/** Returns whether the ledger of an attempt may be in an archive, or in one of the archives to which this archive refers. */
export function mayContain({ firstAttempt, lastAttempt }: ArchiveReference, attempt: number): boolean {
  return attempt >= firstAttempt && attempt <= lastAttempt
}

/**
 * Returns the state with the contents of all archives of the state. The caller must pass the oldest archive first, because a later ledger replaces an
 * earlier ledger of the same attempt.
 */
export function withArchives<T extends Pick<ShardState, 'attempts' | 'sealed' | 'archived' | 'archives'>>(
  state: T,
  archives: readonly Archive[],
): T {
  return {
    ...state,
    attempts: new Map([...archives.flatMap(({ attempts }) => [...attempts]), ...state.attempts]),
    sealed: [...archives.flatMap(({ sealed }) => sealed), ...state.sealed],
    archived: new Map(),
    archives: [],
  }
}

/**
 * Returns the ledgers by which a run in progress is judged: the ledgers in the state, and one empty ledger for each archived attempt with missing
 * messages. An empty ledger counts as incomplete, like the archived ledger that it represents.
 */
export function currentLedgers({ attempts, archived }: Pick<ShardState, 'attempts' | 'archived'>): AttemptLedger[] {
  const partial = [...archived].flatMap(([slice, { unended, gaps }]) => [
    ...unended.map((attempt) => ({ ...noLedger, slice, attempt })),
    ...gaps.map((attempt) => ({ ...noLedger, slice, attempt, received: { next: 1, missing: [0] } })),
  ])
  return [...attempts.values(), ...partial.filter((one) => !attempts.has(keyOf(one)))]
}

const noLedger: Omit<AttemptLedger, 'slice' | 'attempt'> = {
  received: noSequences(),
  finalSequence: null,
  totals: zeroTotals,
  totalsSequence: -1,
  merged: zeroTotals,
  firstWindow: 0,
  lastWindow: 0,
  lastSentAt: 0,
  latestSecond: -1,
  users: 0,
  draining: 0,
  failure: null,
}

function withArchived(known: ArchivedAttempts | undefined, ledger: AttemptLedger): ArchivedAttempts {
  const { newest, unended, gaps } = known ?? { newest: -1, unended: [], gaps: [] }
  const { attempt } = ledger
  const isGapped = ledger.received.missing.length > 0
  return {
    newest: Math.max(newest, attempt),
    unended: withOrWithout(unended, attempt, !isGapped && !isWhole(ledger)),
    gaps: withOrWithout(gaps, attempt, isGapped),
  }
}

function withOrWithout(all: readonly number[], one: number, isIn: boolean): number[] {
  const others = all.filter((number) => number !== one)
  return isIn ? [...others, one].toSorted((a, b) => a - b) : others
}

function lastWindowOf(one: SealedWindow): number {
  return windowsOf(one).at(-1) ?? one.window
}
