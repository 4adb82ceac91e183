/**
 * Returns the known name that the author of a misspelt name probably meant; undefined if no known name is similar enough. The comparison ignores
 * case, blanks and the characters `_`, `-` and `$`. Apart from these, a name of 4 to 6 letters may differ from the known name in one letter. A longer
 * name may differ in two letters. A shorter name must be equal to the known name.
 */
export function suggestedName(name: string, known: readonly string[]): string | undefined {
  const plain = plainName(name)
  const same = known.find((one) => plainName(one) === plain)
  if (same !== undefined || plain.length < 4) return same
  return known.find((one) => lettersApart(plain, plainName(one)) <= (plain.length < 7 ? 1 : 2))
}

/** Orders the existing names by their similarity to `wanted`. The most similar name comes first. */
export function closestFirst(wanted: string, there: readonly string[]): string[] {
  const far = new Map(there.map((name) => [name, lettersApart(name.toLowerCase(), wanted.toLowerCase())]))
  return there.toSorted((a, b) => (far.get(a) as number) - (far.get(b) as number) || (a < b ? -1 : 1))
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[_\-$\s]/g, '')
}

/** The comparison uses only this number of letters at the beginning of each string. */
const comparedLetters = 100

/**
 * Returns the number of letters that must be inserted, removed or changed to turn one string into the other. Two swapped neighbouring letters count
 * as one change (optimal string alignment). The function compares only the first 100 letters of each string.
 */
function lettersApart(one: string, other: string): number {
  const [a, b] = [one.slice(0, comparedLetters), other.slice(0, comparedLetters)]
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, k) => k)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) row.push(cheapest(rows, row, { a, b, i, j }))
    rows.push(row)
  }
  return rows.at(-1)?.at(-1) as number
}

function cheapest(
  rows: readonly number[][],
  row: readonly number[],
  { a, b, i, j }: { a: string; b: string; i: number; j: number },
): number {
  const at = (r: readonly number[] | undefined, k: number): number => r?.[k] ?? Number.POSITIVE_INFINITY
  const changed = at(rows[i - 1], j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
  const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(rows[i - 2], j - 2) + 1 : Number.POSITIVE_INFINITY
  return Math.min(at(rows[i - 1], j) + 1, at(row, j - 1) + 1, changed, swapped)
}
