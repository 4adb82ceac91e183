import { createHash } from 'node:crypto'

/**
 * A module that answers `csv()` and `json()` from texts it carries, and then is the scenario. One line goes before the code, without a
 * line break of its own, so that the source map stays true.
 */
export function embedFiles(code: string, files: ReadonlyMap<string, string>): string {
  if (files.size === 0) return code
  const entries = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `${prelude(JSON.stringify(entries))}${code}`
}

/** SHA-256, hexadecimal. */
export function contentHash(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}

function prelude(entries: string): string {
  const read =
    'path=>{if(files.has(path))return files.get(path);throw new Error(path+" was not read while the run was planned, so it is not part of it")}'
  return `globalThis[Symbol.for("burst.files")]=(files=>({read:${read}}))(new Map(${entries}));`
}
