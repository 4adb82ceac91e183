import { greatest } from '../../../core/extremes.ts'
import { decodeWindow } from '../../../core/window/codec/codec.ts'
import { windowsOf } from '../../../core/shard/compaction.ts'
import type { ArchiveReference, SealedWindow, ShardState } from '../../../core/shard/shard.ts'
import type { Threshold } from '../../../core/thresholds/threshold.ts'
import {
  type WindowEvidence,
  addWindowEvidence,
  noWindowEvidence,
  windowEvidenceOf,
} from '../../../core/verdict/window-evidence.ts'
import type { Window } from '../../../core/window/window.ts'
import { ArchiveReader } from '../../archives/archive-reader.ts'
import type { Environment } from '../../ports.ts'
import { messageOf } from '../../../core/verdict/completeness/loss.ts'

/** A sealed object of a shard. */
interface Sealed {
  key: string
  /** The windows in the object, ascending: one window, or several windows of one minute. */
  windows: readonly number[]
}

/** Selects the part of each window that a `WindowReader` stores. */
export interface Keeping<E> {
  none: () => E
  /** Returns the part of a window's content that is stored. */
  of: (window: Window) => E
  add: (into: E, from: E) => void
}

/**
 * The maximum number of archives to keep in memory. A shard rarely has more than this many archives with windows that `take` has not returned yet.
 */
const rememberedArchives = 16

/** Returns the `Keeping` that selects the counts that the thresholds need. */
export function evidenceFor(thresholds: readonly Threshold[]): Keeping<WindowEvidence> {
  return {
    none: () => noWindowEvidence(thresholds.length),
    of: (window) => windowEvidenceOf(thresholds, window),
    add: addWindowEvidence,
  }
}

/** The content of the windows that `take` has not returned yet, from the last state of a shard. */
interface Held<E> {
  /** Windows that may still change. */
  open: Map<number, E>
  sealed: Sealed[]
  /** The archives that must still be read. They contain references to windows that `take` has not returned yet. */
  archives: ArchiveReference[]
  /** If the reader could not read an archive: the number of the last window to which the archives of the shard refer. Otherwise, −1. */
  unreadUntil: number
}

/**
 * One window, or several consecutive windows if they were merged into one object before `take` returned them. All workers that can still report have
 * reported all their counts of these windows.
 */
export interface MeasuredWindows<E = WindowEvidence> {
  from: number
  /** The number of the last window, inclusive. */
  to: number
  /**
   * The content of the windows. Undefined if a part of the content cannot be read. Also undefined if an object with these windows contains earlier
   * windows too, because the reader has already passed the earlier windows.
   */
  evidence: E | undefined
}

/** Reads the windows of a run in order. A window is read as soon as all its counts have been merged. Only the needed part of a window is stored. */
export class WindowReader<E = WindowEvidence> {
  readonly #env: Pick<Environment, 'store' | 'log'>
  readonly #keeping: Keeping<E>
  readonly #shards = new Map<number, Held<E>>()
  readonly #archives: ArchiveReader
  #next: number

  /**
   * Creates a reader.
   * @param first the first window to read
   */
  constructor(env: Pick<Environment, 'store' | 'log'>, keeping: Keeping<E>, first: number) {
    this.#env = env
    this.#keeping = keeping
    this.#archives = new ArchiveReader(env.store, rememberedArchives)
    this.#next = first
  }

  /**
   * The last window that the reader has stored, at least partly, and that `take` has not returned yet. Undefined if `take` has returned all windows.
   */
  get last(): number | undefined {
    const held = [...this.#shards.values()]
    const windows = held.flatMap(({ open, sealed, archives }) => [
      ...open.keys(),
      ...sealed.map((one) => one.windows.at(-1) ?? 0),
      ...archives.map(({ lastWindow }) => lastWindow),
    ])
    return windows.length === 0 ? undefined : greatest(windows, Number)
  }

  /** Stores the needed parts of a shard's state. */
  see({ shard, open, sealed, archives }: ShardState): void {
    const left = archives.filter(({ lastWindow }) => lastWindow >= this.#next)
    const held: Held<E> = { open: new Map(), sealed: this.#notTaken(sealed), archives: left, unreadUntil: -1 }
    for (const [window, content] of open) {
      if (window >= this.#next) held.open.set(window, this.#keeping.of(content))
    }
    this.#shards.set(shard, held)
  }

  #notTaken(sealed: readonly SealedWindow[]): Sealed[] {
    const all = sealed.map((one) => ({ key: one.key, windows: windowsOf(one) }))
    return all.filter(({ windows }) => (windows.at(-1) ?? 0) >= this.#next)
  }

  /**
   * Reads the archives with references to windows that `take` has not returned yet. Such archives exist if `take` waits for a worker that sends no
   * messages for a long time.
   */
  async #readArchives(held: Held<E>): Promise<void> {
    const isWanted = ({ lastWindow }: ArchiveReference): boolean => lastWindow >= this.#next
    const unread: string[] = []
    const contents = await this.#archives.contentsOf(held.archives, unread, isWanted)
    if (unread.length > 0) {
      this.#env.log('an archive cannot be read', { unread })
      held.unreadUntil = greatest(held.archives, ({ lastWindow }) => lastWindow)
    }
    held.sealed.unshift(...contents.flatMap(({ sealed }) => this.#notTaken(sealed)))
    held.archives = []
  }

  /**
   * Returns the next windows. Returns undefined if some counts of these windows have not been merged yet.
   * @param isTold returns whether all counts of a window have been merged
   */
  async take(isTold: (window: number) => boolean): Promise<MeasuredWindows<E> | undefined> {
    const from = this.#next
    // Reads the archives only when all counts of the window have been merged. Until then, only `isTold` is needed, and it does not use the archives.
    if (!isTold(from)) return undefined
    for (const held of this.#shards.values()) if (held.archives.length > 0) await this.#readArchives(held)
    const together = this.#sealed().filter(({ windows }) => windows.includes(from))
    const to = together.reduce((last, { windows }) => Math.max(last, windows.at(-1) ?? 0), from)
    if (!isTold(to)) return undefined
    const isCut = together.some(({ windows }) => (windows[0] ?? from) < from)
    const isUnread = [...this.#shards.values()].some(({ unreadUntil }) => from <= unreadUntil)
    const evidence = isCut || isUnread ? undefined : await this.#gather(from, to)
    this.#drop(from, to)
    return { from, to, evidence }
  }

  /** Removes the windows that `take` returns. */
  #drop(from: number, to: number): void {
    for (const held of this.#shards.values()) {
      for (let window = from; window <= to; window++) held.open.delete(window)
      held.sealed = held.sealed.filter(({ windows }) => (windows.at(-1) ?? 0) > to)
    }
    this.#next = to + 1
  }

  #sealed(): Sealed[] {
    return [...this.#shards.values()].flatMap(({ sealed }) => sealed)
  }

  async #gather(from: number, to: number): Promise<E | undefined> {
    const { none, add } = this.#keeping
    const sum = none()
    const open = [...this.#shards.values()].flatMap((held) => [...held.open])
    for (const [window, part] of open) if (window >= from && window <= to) add(sum, part)
    for (const { key } of this.#sealed().filter(({ windows }) => (windows[0] ?? 0) <= to)) {
      const read = await this.#read(key)
      if (read === undefined) return undefined
      add(sum, read)
    }
    return sum
  }

  /**
   * Reads a sealed object. Returns undefined if the object is missing or cannot be decoded.
   * @throws the store's error. The next check of the run reads the object again.
   */
  async #read(key: string): Promise<E | undefined> {
    const stored = await this.#env.store.get(key)
    if (!stored) return undefined
    try {
      return this.#keeping.of(decodeWindow(stored.body))
    } catch (error) {
      this.#env.log('a window cannot be read', { key, error: messageOf(error) })
      return undefined
    }
  }
}
