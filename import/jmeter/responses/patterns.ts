import type { Extraction } from '../../requests/request.ts'
import type { Expr } from '../../scenario/code.ts'

/** The expectations that a response must meet, and the values that are extracted from the response. */
export interface After {
  expect: number[]
  /** The arguments of each additional `.expect(…)` call. */
  expectations: Expr[][]
  extractions: Extraction[]
}

/** Returns true if a string is a regular expression that JavaScript accepts, and has 1 to 10,000 characters. */
export function isPattern(pattern: string): boolean {
  if (pattern === '' || pattern.length > 10_000) return false
  try {
    return new RegExp(pattern).source !== ''
  } catch {
    // The string is a Java pattern that is not valid in JavaScript. The caller writes a comment about the pattern.
    return false
  }
}

/**
 * Returns the list of the keys in a JSON path. In this list, null stands for `[*]`. If the path contains anything except keys and `[*]`, such as a
 * filter, returns null instead of a list.
 */
export function jsonPath(text: string): (string | number | null)[] | null {
  if (!/^\$(?:\.[\w-]+|\[(?:\d+|\*)\]|\['[^'\]]+'\])*$/.test(text)) return null
  return [...text.matchAll(/\.([\w-]+)|\[(\d+|\*)\]|\['([^'\]]+)'\]/g)].map(([, name, index, quoted]) => {
    if (index === undefined) return name ?? quoted ?? ''
    return index === '*' ? null : Number(index)
  })
}
