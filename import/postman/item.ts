import type { Script } from './scripts.ts'

/** A request of the collection, with what applies to it from its folders. */
export interface Item {
  /** `file: folder / name` */
  place: string
  name: string
  request: unknown
  auth: unknown
  script: Script
}
