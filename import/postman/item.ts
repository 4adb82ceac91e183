import type { Script } from './scripts.ts'

/** A request of the collection, with the settings of its folders. */
export interface Item {
  /** `file: folder / name` */
  place: string
  name: string
  request: unknown
  auth: unknown
  script: Script
  /** The request's `protocolProfileBehavior`, including inherited values. */
  behavior: unknown
}
