import { minuteOf, piecesIn, windowsOf } from '../../shard/compaction.ts'
import type { SealedWindow, ShardState } from '../../shard/shard.ts'

/** A sealed object that has not been read yet. */
export interface UnreadPiece {
  shard: number
  window: number
  windows: readonly number[]
  key: string
}

/**
 * Finds the new sealed pieces in the shards of a run in progress. Returns each piece only once, even if the reducer later merges the piece with other
 * pieces into one object.
 */
export class SealedReader {
  readonly #windowMs: number
  /** The number of pieces that were read, by shard and minute. The pieces of a minute are read in their order in the shard. */
  #read = new Map<string, number>()

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /**
   * Returns the pieces to read. Returns undefined if one object contains new pieces and also pieces that were already read. In this case, the caller
   * must read all pieces again, with a new `SealedReader`.
   */
  news(shards: readonly Pick<ShardState, 'shard' | 'sealed'>[]): UnreadPiece[] | undefined {
    const news: UnreadPiece[] = []
    for (const { key, shard, sealed } of this.#minutes(shards)) {
      const read = this.#read.get(key) ?? 0
      let seen = 0
      for (const one of sealed) {
        const before = seen
        seen += piecesIn(one)
        if (seen <= read) continue
        if (before < read) return undefined
        news.push({ shard, window: one.window, windows: windowsOf(one), key: one.key })
      }
    }
    return news.toSorted((a, b) => a.window - b.window)
  }

  /** Remembers that all sealed objects of the shards were read. */
  took(shards: readonly Pick<ShardState, 'shard' | 'sealed'>[]): void {
    for (const { key, sealed } of this.#minutes(shards)) {
      this.#read.set(
        key,
        sealed.reduce((sum, one) => sum + piecesIn(one), 0),
      )
    }
  }

  #minutes(
    shards: readonly Pick<ShardState, 'shard' | 'sealed'>[],
  ): { key: string; shard: number; sealed: SealedWindow[] }[] {
    return shards.flatMap(({ shard, sealed }) =>
      [...Map.groupBy(sealed, (one) => minuteOf(one, this.#windowMs))].map(([minute, pieces]) => {
        return { key: `${shard} ${minute}`, shard, sealed: pieces }
      }),
    )
  }
}
