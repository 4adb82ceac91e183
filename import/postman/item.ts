import type { Sources } from './scripts/reading.ts'

/** A request of the collection, with the settings that it inherits from its folders. */
export interface Item {
  /** The place of the request for comments: `file: folder / name`. */
  place: string
  name: string
  request: unknown
  auth: unknown
  scripts: Sources
  /** The places of the scripts of the folders around the request. The outermost folder is the first. */
  levels: readonly string[]
  /** The request's `protocolProfileBehavior`, including inherited values. */
  behavior: unknown
}
