import { type Stats, statSync } from 'node:fs'

/**
 * Returns the metadata of a file or a folder. Returns undefined if the path does not exist or cannot be reached, for example if a string of the
 * scenario is not a path and is too long for a file name, or if the path is a link to itself.
 */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // Returns undefined, because burst copies only files that it can reach.
    return undefined
  }
}
