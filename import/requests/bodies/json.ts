import { invalidInput } from '../../../core/errors.ts'

const mostLevels = 200
const mostCharacters = 64 * 1024 * 1024

/** A JSON value from an imported file. Code that uses the value must check its type. */
export type Json = unknown

/**
 * Reads a file of JSON.
 * @throws BurstError (104) when the file is not JSON, is nested more than 200 levels deep, or has more than 64 Mi characters
 */
export function readJson(file: string, text: string): Json {
  if (text.length > mostCharacters) throw invalidInput(`${file} is larger than 64 MiB`, { hint: 'import a part of it' })
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw invalidInput(`${file} is not JSON: ${(cause as Error).message.slice(0, 120)}`, { at: `${file}:1`, cause })
  }
  refuseDepth(file, value)
  return value
}

function refuseDepth(file: string, value: Json): void {
  const left: [Json, number][] = [[value, 0]]
  for (let next = left.pop(); next; next = left.pop()) {
    const [one, level] = next
    if (level > mostLevels)
      throw invalidInput(`${file} is nested more than ${mostLevels} levels deep`, { at: `${file}:1` })
    if (typeof one === 'object' && one !== null) for (const inner of Object.values(one)) left.push([inner, level + 1])
  }
}

/**
 * Returns the value at a path of member names. Returns undefined if a value on the path is not an object, or if the object does not have the next
 * name of the path as its own member.
 */
export function at(value: Json, ...path: readonly string[]): Json {
  return path.reduce<Json>(
    (found, key) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, key)
        ? (found as Record<string, Json>)[key]
        : undefined,
    value,
  )
}

/** Returns a string unchanged, and a number or a boolean as a string. Returns an empty string for any other value. */
export function textAt(value: Json, ...path: readonly string[]): string {
  const found = at(value, ...path)
  if (typeof found === 'string') return found
  return typeof found === 'number' || typeof found === 'boolean' ? String(found) : ''
}

/** Returns a list unchanged. Returns an empty list for any other value. */
export function listAt(value: Json, ...path: readonly string[]): Json[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}
