import { decodeWindow } from '../../../core/window/codec.ts'
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

/** What a shard's state held of the windows that were not taken yet. */
interface Held {
  /** Windows that may still change. */
  open: Map<number, WindowEvidence>
  /** Keys of those that were sealed. */
  sealed: Map<number, string[]>
}

/** A window of the grid that was told of by all workers. */
export interface MeasuredWindow {
  window: number
  /** Undefined where a part of it cannot be read. */
  evidence: WindowEvidence | undefined
}

/**
 * The windows of a run, one after the other, each once all that was counted in it has been merged; of each no more is kept than some
 * thresholds need.
 */
export class MeasuredWindows {
  readonly #env: Pick<Environment, 'store' | 'log'>
  readonly #thresholds: readonly Threshold[]
  readonly #shards = new Map<number, Held>()
  #next: number

  /** @param first windows before it are passed over */
  constructor(env: Pick<Environment, 'store' | 'log'>, thresholds: readonly Threshold[], first: number) {
    this.#env = env
    this.#thresholds = thresholds
    this.#next = first
  }

  /** Takes over what is needed of a shard's state. */
  see({ shard, open, sealed }: ShardState): void {
    const held: Held = { open: new Map(), sealed: new Map() }
    for (const [window, content] of open) {
      if (window >= this.#next) held.open.set(window, windowEvidenceOf(this.#thresholds, content))
    }
    for (const { window, key } of sealed) {
      if (window >= this.#next) held.sealed.set(window, [...(held.sealed.get(window) ?? []), key])
    }
    this.#shards.set(shard, held)
  }

  /** The next window if it was told of. @param isTold whether all that was counted in a window has been merged */
  async take(isTold: (window: number) => boolean): Promise<MeasuredWindow | undefined> {
    const window = this.#next
    if (!isTold(window)) return undefined
    const evidence = await this.#gather(window)
    for (const { open, sealed } of this.#shards.values()) {
      open.delete(window)
      sealed.delete(window)
    }
    this.#next++
    return { window, evidence }
  }

  async #gather(window: number): Promise<WindowEvidence | undefined> {
    const sum = noWindowEvidence(this.#thresholds.length)
    for (const { open, sealed } of this.#shards.values()) {
      const part = open.get(window)
      if (part) addWindowEvidence(sum, part)
      for (const key of sealed.get(window) ?? []) {
        const read = await this.#read(key)
        if (!read) return undefined
        addWindowEvidence(sum, read)
      }
    }
    return sum
  }

  /** @throws what the store throws: the next look tries again */
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
