import { fileURLToPath } from 'node:url'
import type { SourceText } from './sources.ts'

/** Returns the `file:line` of the topmost stack frame in the user's own sources. */
export function userFrame(stack: string, sources: readonly SourceText[]): string | undefined {
  for (const line of stack.split('\n')) {
    const found = /(?:\(|at (?:async )?)((?:file:\/\/)?[^()]+):(\d+):\d+\)?$/.exec(line.trim())
    if (!found) continue
    const path = asPath(found[1] as string)
    const source = sources.find((one) => one.path === path)
    if (source) return `${source.shown}:${found[2]}`
  }
  return undefined
}

function asPath(place: string): string {
  return place.startsWith('file://') ? fileURLToPath(place) : place
}
