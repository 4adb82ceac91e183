import * as v from 'valibot'
import { BurstError } from '../errors.ts'

/**
 * Parses and checks JSON from an external source.
 * @throws BurstError (97) that names the fault and its place in the JSON
 */
export function decode<T>(schema: v.GenericSchema<unknown, T>, text: string, what: string): T {
  const found = v.safeParse(schema, parse(text, what), { abortEarly: true })
  if (found.success) return found.output
  const [issue] = found.issues
  const path = v.getDotPath(issue)
  if (path === 'v' || path === 'schemaVersion')
    throw unreadable(
      what,
      `its version is ${String(issue.input).slice(0, 20)}, but this build reads ${versionsIn(issue)}`,
    )
  throw unreadable(what, `${path === null ? '' : `${path.slice(0, 200)}: `}${issue.message.slice(0, 200)}`)
}

/** Describes the versions that a schema accepts. */
function versionsIn({ expected }: { expected: string | null }): string {
  const versions = (expected ?? '').match(/\d+/g) ?? []
  return `version${versions.length === 1 ? '' : 's'} ${versions.join(' and ')}`
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadable(what, 'it is not valid JSON', cause)
  }
}

/** Returns the error for JSON that cannot be read. The message names the JSON by `what`. */
export function unreadable(what: string, why: string, cause?: unknown): BurstError {
  return new BurstError('runFailed', `${what} cannot be read: ${why}`, { cause })
}
