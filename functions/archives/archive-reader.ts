import pMap from 'p-map'
import { BurstError } from '../../core/errors.ts'
import { withArchives } from '../../core/shard/archive.ts'
import { decodeArchive } from '../../core/shard/shard-codec.ts'
import type { Archive, ArchiveReference, ShardState } from '../../core/shard/shard.ts'
import type { Store } from '../ports.ts'

/** The number of archives that are read concurrently. */
const readAhead = 16

/** Reads archives of shards from the store. An archive never changes, so the reader keeps the most recently read archives in memory. */
export class ArchiveReader {
  readonly #store: Pick<Store, 'get'>
  readonly #most: number
  readonly #known = new Map<string, Archive>()

  /**
   * Creates a reader.
   * @param most the maximum number of archives to keep in memory; default: no limit
   */
  constructor(store: Pick<Store, 'get'>, most = Number.POSITIVE_INFINITY) {
    this.#store = store
    this.#most = most
  }

  /**
   * Returns an archive. Returns an error message if the object of the archive is missing or cannot be decoded. The caller must not change the
   * archive.
   * @throws the error of the store, which may be a BurstError. A later read may succeed.
   */
  async read(key: string): Promise<Archive | string> {
    const known = this.#known.get(key)
    if (known) return known
    const stored = await this.#store.get(key)
    if (!stored) return `${key} is gone`
    try {
      const archive = decodeArchive(stored.body)
      this.#keep(key, archive)
      return archive
    } catch (error) {
      return unreadable(key, error)
    }
  }

  /**
   * Returns a shard with the contents of all its archives. The result is marked as partial if an archive cannot be read.
   * @param unread receives an error message for each archive that cannot be read
   * @throws the store's error, if the store does not answer
   */
  async whole<T extends Pick<ShardState, 'attempts' | 'sealed' | 'archived' | 'archives'>>(
    shard: T,
    unread: string[],
  ): Promise<T & { isPartial?: boolean }> {
    const mine: string[] = []
    const whole = withArchives(shard, await this.contentsOf(shard.archives, mine))
    unread.push(...mine)
    return mine.length === 0 ? whole : { ...whole, isPartial: true }
  }

  /**
   * Returns the archives that contain ledgers and references to windows, the oldest first. Follows references to archives of lower levels.
   * @param unread receives an error message for each archive that is missing or cannot be read
   * @param isWanted returns whether the archive that a reference names is to be read; called for the references of every level. If `isWanted` is
   * missing, all archives are read.
   * @throws the store's error, if the store does not answer
   */
  async contentsOf(
    references: readonly ArchiveReference[],
    unread: string[],
    isWanted: (reference: ArchiveReference) => boolean = () => true,
  ): Promise<Archive[]> {
    const contents = async ({ key }: ArchiveReference): Promise<Archive[]> => {
      const archive = await this.read(key).catch((error: unknown) => unreadable(key, error))
      if (typeof archive !== 'string')
        return archive.archives.length === 0 ? [archive] : this.contentsOf(archive.archives, unread, isWanted)
      unread.push(archive)
      return []
    }
    return (await pMap(references.filter(isWanted), contents, { concurrency: readAhead })).flat()
  }

  #keep(key: string, archive: Archive): void {
    this.#known.set(key, archive)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#most) return
      this.#known.delete(oldest)
    }
  }
}

/**
 * Returns an error message that says why an archive cannot be read.
 * @throws the error, if it is not a BurstError
 */
function unreadable(key: string, error: unknown): string {
  if (!(error instanceof BurstError)) throw error
  return `${key} could not be read: ${error.message}`
}
