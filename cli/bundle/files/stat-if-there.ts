import { type Stats, statSync } from 'node:fs'

/**
 * Returns the facts of a file or a folder; undefined if it does not exist or cannot be reached. A text of a scenario is not always a path: it may be
 * too long for a name, and a link may lead to itself.
 */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // Returns undefined, because burst copies only files that it can reach.
    return undefined
  }
}
