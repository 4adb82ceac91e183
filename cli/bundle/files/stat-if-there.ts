import { type Stats, statSync } from 'node:fs'

/**
 * Returns the metadata of a file or a folder; undefined if it does not exist or cannot be reached. A string of a scenario is not always a path, so it
 * may be too long for a file name. A path may also be a link to itself.
 */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // Returns undefined, because burst copies only files that it can reach.
    return undefined
  }
}
