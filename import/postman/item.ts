import type { Sources } from './scripts/reading.ts'

/** A request of the collection, with the settings that it inherits from its folders. */
export interface Item {
  /** The file, the folders and the name of the request, as TODO comments show them: `file: folder / name`. */
  place: string
  name: string
  request: unknown
  auth: unknown
  scripts: Sources
  /**
   * The `place` of the collection, if the collection has scripts, and of each folder around the request that has scripts. The outermost comes first.
   */
  levels: readonly string[]
  /** The request's `protocolProfileBehavior`, including inherited values. */
  behavior: unknown
}
