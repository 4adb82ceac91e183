import type { RequestCell } from '../../../../core/window/window.ts'
import type { SliceRunResult } from '../slice-run.ts'

/** Returns the counts of the requests of one name. Throws when the window has no request of that name. */
export function rowOf({ window }: Pick<SliceRunResult, 'window'>, name: string): RequestCell {
  const found = [...window.requests.values()].find((one) => one.name === name)
  if (!found) throw new Error(`no row ${name} among ${[...window.requests.keys()].join(', ')}`)
  return found
}

/** Returns the failures of the requests of one name, as `kind: message`. */
export function failuresOf({ window }: Pick<SliceRunResult, 'window'>, name: string): string[] {
  return [...window.errors.values()].filter((one) => one.name === name).map((one) => `${one.kind}: ${one.message}`)
}
