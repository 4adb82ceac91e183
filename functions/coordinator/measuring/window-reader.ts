import { decodeWindow } from '../../../core/window/codec.ts'
import { windowsOf } from '../../../core/shard/compaction.ts'
import type { ShardState } from '../../../core/shard/shard.ts'
import type { Threshold } from '../../../core/thresholds/threshold.ts'
import {
  type WindowEvidence,
  addWindowEvidence,
  noWindowEvidence,
  windowEvidenceOf,
} from '../../../core/verdict/window-evidence.ts'
import type { Environment } from '../../ports.ts'
import { messageOf } from '../../../core/verdict/loss.ts'

/** A sealed object of a shard. */
interface Sealed {
  key: string
  /** The windows in the object, ascending: one window, or those of a minute. */
  windows: readonly number[]
}

/** What the last state of a shard contained of the windows that were not taken yet. */
interface Held {
  /** Windows that may still change. */
  open: Map<number, WindowEvidence>
  sealed: Sealed[]
}

/** Windows that all workers have reported: one, or several if they were merged into one object before they were taken. */
export interface MeasuredWindows {
  from: number
  /** The last window, inclusive. */
  to: number
  /** Undefined when a part cannot be read, or cannot be separated from windows that were taken before. */
  evidence: WindowEvidence | undefined
}

/**
 * Returns the windows of a run in order, each when everything that was counted in it has been merged. Keeps of each window only what some
 * thresholds need.
 */
export class WindowReader {
  readonly #env: Pick<Environment, 'store' | 'log'>
  readonly #thresholds: readonly Threshold[]
  readonly #shards = new Map<number, Held>()
  #next: number

  /** @param first the first window to read */
  constructor(env: Pick<Environment, 'store' | 'log'>, thresholds: readonly Threshold[], first: number) {
    this.#env = env
    this.#thresholds = thresholds
    this.#next = first
  }

  /** Keeps what the thresholds need from a shard's state. */
  see({ shard, open, sealed }: ShardState): void {
    const held: Held = { open: new Map(), sealed: [] }
    for (const [window, content] of open) {
      if (window >= this.#next) held.open.set(window, windowEvidenceOf(this.#thresholds, content))
    }
    for (const one of sealed) {
      const windows = windowsOf(one)
      if ((windows.at(-1) ?? 0) >= this.#next) held.sealed.push({ key: one.key, windows })
    }
    this.#shards.set(shard, held)
  }

  /**
   * The next windows; undefined if they have not been reported completely.
   * @param isTold whether everything that was counted in a window has been merged
   */
  async take(isTold: (window: number) => boolean): Promise<MeasuredWindows | undefined> {
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

  async #gather(from: number, to: number): Promise<WindowEvidence | undefined> {
    const sum = noWindowEvidence(this.#thresholds.length)
    const open = [...this.#shards.values()].flatMap((held) => [...held.open])
    for (const [window, part] of open) if (window >= from && window <= to) addWindowEvidence(sum, part)
    for (const { key } of this.#sealed().filter(({ windows }) => (windows[0] ?? 0) <= to)) {
      const read = await this.#read(key)
      if (!read) return undefined
      addWindowEvidence(sum, read)
    }
    return sum
  }

  /** @throws the store's error; the next look tries again */
  async #read(key: string): Promise<WindowEvidence | undefined> {
    const stored = await this.#env.store.get(key)
    if (!stored) return undefined
    try {
      return windowEvidenceOf(this.#thresholds, decodeWindow(stored.body))
    } catch (error) {
      this.#env.log('a window cannot be read', { key, error: messageOf(error) })
      return undefined
    }
  }
}
