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
   * The `place` of the collection and of each folder around the request, from the outermost to the innermost. A collection or folder without scripts
   * is left out.
   */
  levels: readonly string[]
  /** The request's `protocolProfileBehavior`, including inherited values. */
  behavior: unknown
}
