import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join, normalize } from 'node:path'

/** The folder of the imported file. All files to which the imported file refers must be in this folder. */
export interface Folder {
  folder: string
  /** The path from the scenario to the folder of the imported file. */
  prefix: string
}

/**
 * Returns the path of a file below the folder, relative to the scenario. Returns null if the path is absolute or leads out of the folder, or if there
 * is no regular file at this path.
 */
export function besidePath(given: string, { folder, prefix }: Folder): string | null {
  const path = given.replaceAll('\\', '/')
  const inside = normalize(path)
  if (path === '' || path.includes('\0') || isAbsolute(inside) || /^[a-z]:/i.test(inside) || inside.startsWith('..'))
    return null
  const whole = join(folder, inside)
  if (!existsSync(whole) || !statSync(whole).isFile()) return null
  return join(prefix, inside).replaceAll('\\', '/')
}
