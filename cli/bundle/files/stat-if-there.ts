import { type Stats, statSync } from 'node:fs'

/**
 * Returns the metadata of a file or a folder. Returns undefined if the path does not exist or cannot be reached. For example, a link that
 * leads to itself cannot be reached. `path` may also be a string of the scenario that is not a path, and that is too long for a file name.
 */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // Returns undefined, because burst copies only files that it can reach.
    return undefined
  }
}
