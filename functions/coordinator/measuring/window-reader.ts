import { greatest } from '../../../core/extremes.ts'
import { decodeWindow } from '../../../core/window/codec/codec.ts'
import { windowsOf } from '../../../core/shard/compaction.ts'
import type { ShardState } from '../../../core/shard/shard.ts'
import type { Threshold } from '../../../core/thresholds/threshold.ts'
import {
  type WindowEvidence,
  addWindowEvidence,
  noWindowEvidence,
  windowEvidenceOf,
} from '../../../core/verdict/window-evidence.ts'
import type { Window } from '../../../core/window/window.ts'
import type { Environment } from '../../ports.ts'
import { messageOf } from '../../../core/verdict/completeness/loss.ts'

/** A sealed object of a shard. */
interface Sealed {
  key: string
  /** The windows in the object, ascending: one window, or all windows of a minute. */
  windows: readonly number[]
}

/** Selects the part of each window that a `WindowReader` stores. */
export interface Keeping<E> {
  none: () => E
  /** Returns the content of a window, or of a part of a window. */
  of: (window: Window) => E
  add: (into: E, from: E) => void
}

/** Selects the evidence for some thresholds. */
export function evidenceFor(thresholds: readonly Threshold[]): Keeping<WindowEvidence> {
  return {
    none: () => noWindowEvidence(thresholds.length),
    of: (window) => windowEvidenceOf(thresholds, window),
    add: addWindowEvidence,
  }
}

/** The content of the windows that have not been taken yet, from the last state of a shard. */
interface Held<E> {
  /** Windows that may still change. */
  open: Map<number, E>
  sealed: Sealed[]
}

/** The windows that all workers have reported: one window, or several if they were merged into one object before they were taken. */
export interface MeasuredWindows<E = WindowEvidence> {
  from: number
  /** The number of the last window, inclusive. */
  to: number
  /** The content; undefined when a part cannot be read, or cannot be separated from windows that were already taken. */
  evidence: E | undefined
}

/** Reads the windows of a run in order, each as soon as all its counts have been merged. Stores only the needed part of each window. */
export class WindowReader<E = WindowEvidence> {
  readonly #env: Pick<Environment, 'store' | 'log'>
  readonly #keeping: Keeping<E>
  readonly #shards = new Map<number, Held<E>>()
  #next: number

  /**
   * Creates a reader.
   * @param first the first window to read
   */
  constructor(env: Pick<Environment, 'store' | 'log'>, keeping: Keeping<E>, first: number) {
    this.#env = env
    this.#keeping = keeping
    this.#next = first
  }

  /** The last window of which the reader has at least a part and that has not been taken; undefined if there is no such window. */
  get last(): number | undefined {
    const held = [...this.#shards.values()]
    const windows = held.flatMap(({ open, sealed }) => [
      ...open.keys(),
      ...sealed.map((one) => one.windows.at(-1) ?? 0),
    ])
    return windows.length === 0 ? undefined : greatest(windows, Number)
  }

  /** Stores the needed parts of a shard's state. */
  see({ shard, open, sealed }: ShardState): void {
    const held: Held<E> = { open: new Map(), sealed: [] }
    for (const [window, content] of open) {
      if (window >= this.#next) held.open.set(window, this.#keeping.of(content))
    }
    for (const one of sealed) {
      const windows = windowsOf(one)
      if ((windows.at(-1) ?? 0) >= this.#next) held.sealed.push({ key: one.key, windows })
    }
    this.#shards.set(shard, held)
  }

  /**
   * Returns the next windows; undefined if they have not been reported completely.
   * @param isTold whether all counts of a window have been merged
   */
  async take(isTold: (window: number) => boolean): Promise<MeasuredWindows<E> | undefined> {
    const from = this.#next
    const together = this.#sealed().filter(({ windows }) => windows.includes(from))
    const to = together.reduce((last, { windows }) => Math.max(last, windows.at(-1) ?? 0), from)
    if (!isTold(to)) return undefined
    const isCut = together.some(({ windows }) => (windows[0] ?? from) < from)
    const evidence = isCut ? undefined : await this.#gather(from, to)
    for (const held of this.#shards.values()) {
      for (let window = from; window <= to; window++) held.open.delete(window)
      held.sealed = held.sealed.filter(({ windows }) => (windows.at(-1) ?? 0) > to)
    }
    this.#next = to + 1
    return { from, to, evidence }
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
   * Reads a sealed object.
   * @throws the store's error; the next check tries again
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
