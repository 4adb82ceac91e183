import { seedOf } from '../random.ts'
import { otherNames } from './window.ts'

/**
 * Limits the size of a section of a window, because user code may create any number of keys. Keeps the keys with the lowest ranks. A rank depends
 * only on the key, so a key that remains after the last merge was also kept in every earlier merge. The counts of this key are therefore exact, and
 * the result does not depend on the order of the merges (a bottom-k sample: Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007).
 */
export interface Folding<V> {
  /** The number of keys that are kept. */
  most: number
  /** Returns the key of the row to which the counts of a removed key are added, and an empty cell for this row. */
  others: (key: string, cell: V) => { key: string; cell: V }
  add: (into: V, from: V) => void
  /**
   * Returns whether `others` or `rest` made this key. A map may contain up to `most` rows whose keys neither `others` nor `rest` made. In addition,
   * the map may contain up to `most` rows from `others`. The number of rows from `rest` has no limit.
   */
  isOthers: (key: string) => boolean
  /** Returns the key of the row to which the counts of a surplus row of `others` are added, and an empty cell for this row. */
  rest: (key: string, cell: V) => { key: string; cell: V }
}

/** Adds the entries beyond the limits to rows for similar keys. Does not change a map within the limits. */
export function fold<V>(cells: Map<string, V>, folding: Folding<V>): void {
  if (cells.size <= folding.most) return
  const apart = [...cells.keys()].filter((key) => !folding.isOthers(key))
  for (const key of beyond(apart, folding.most)) move(cells, key, { to: folding.others, add: folding.add })
  const rows = [...cells].filter(([key, cell]) => folding.isOthers(key) && folding.rest(key, cell).key !== key)
  const keys = rows.map(([key]) => key)
  for (const key of beyond(keys, folding.most)) move(cells, key, { to: folding.rest, add: folding.add })
}

function move<V>(
  cells: Map<string, V>,
  key: string,
  { to, add }: { to: Folding<V>['others']; add: Folding<V>['add'] },
): void {
  const cell = cells.get(key) as V
  const target = to(key, cell)
  cells.delete(key)
  const known = cells.get(target.key)
  if (known === undefined) cells.set(target.key, target.cell)
  add(known ?? target.cell, cell)
}

/** Orders the keys by rank, and returns all keys after the first `most` keys. */
function beyond(keys: readonly string[], most: number): string[] {
  if (keys.length <= most) return []
  const ranked = keys.map((key) => ({ key, rank: rankOf(key) }))
  return ranked
    .toSorted((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1))
    .slice(most)
    .map(({ key }) => key)
}

/** A cache of ranks. Without a cache, each merge into a full section would compute the ranks of the same thousand keys again. */
const ranks = new Map<string, number>()
const knownRanks = 10_000

function rankOf(key: string): number {
  const known = ranks.get(key)
  if (known !== undefined) return known
  if (ranks.size >= knownRanks) ranks.clear()
  const rank = computeRank(key)
  ranks.set(key, rank)
  return rank
}

/**
 * Keys with numbers have higher ranks, so they are removed first. Such keys are usually the same message with different ids. The number of an HTTP
 * status does not count as a number here.
 */
function computeRank(key: string): number {
  return (seedOf(key) >>> 0) + (/\d/.test(key.replace(/HTTP \d{3}$/, '')) ? 2 ** 32 : 0)
}

const likeIt = ' (others like it)'
/** The row for all keys whose patterns have no row of their own. */
export const otherTexts = '(other messages)'

/** Returns the common pattern of keys that differ only in numbers and ids: `order 17 of 9f3c2b…` → `order # of # (others like it)`. */
export function othersLike(text: string): string {
  if (isOthersLike(text)) return text
  // The regular expression does not use a lookahead for the digit, because a lookahead would take quadratic time in a string such as `a-a-a-…`.
  const withoutIds = text.replaceAll(/\w[\w-]*/g, (word) => (/\d/.test(word) ? '#' : word))
  return withoutIds.replaceAll(/#(?:[\s.,:-]*#)+/g, '#') + likeIt
}

export function isOthersLike(text: string): boolean {
  return text === otherTexts || text.endsWith(likeIt)
}

/** Returns the limits of a section whose keys are names from the scenario. In such a section, one row counts all names beyond the limit. */
export function foldingNames<V>(
  most: number,
  others: (cell: V) => { key: string; cell: V },
  add: Folding<V>['add'],
): Folding<V> {
  const into = (_: string, cell: V): { key: string; cell: V } => others(cell)
  return { most, others: into, add, isOthers: (key) => key.endsWith(otherNames), rest: into }
}

/** Limits a map of plain counts in the same way as `fold`: the counts of surplus keys are added to `others`. */
export function foldCounts(counts: Map<string, number>, most: number, others: string): void {
  if (counts.size <= most) return
  const apart = [...counts.keys()].filter((key) => key !== others)
  for (const key of beyond(apart, most)) {
    counts.set(others, (counts.get(others) ?? 0) + (counts.get(key) as number))
    counts.delete(key)
  }
}

/** Returns the sorted union of two sets of strings. `others` replaces all strings beyond the limit. */
export function boundedUnion(a: readonly string[], b: readonly string[], most: number, others: string): string[] {
  const union = new Set([...a, ...b])
  if (union.size > most) {
    const apart = [...union].filter((text) => text !== others)
    for (const text of beyond(apart, most)) {
      union.delete(text)
      union.add(others)
    }
  }
  return [...union].toSorted()
}
