import { seedOf } from '../random.ts'
import { otherNames } from './window.ts'

/**
 * How a section of a window stays bounded when user code makes up keys without end. The keys that stay are those with the least rank, and a
 * rank depends on the key alone. So a key that stays in the end has stayed in every merge before, its cell is exact, and the result is the
 * same in whatever order windows are merged (a bottom-k sample: Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007).
 */
export interface Folding<V> {
  /** Keys that stay apart. */
  most: number
  /** Key and empty cell of the row that takes what the key's cell counted. */
  others: (key: string, cell: V) => { key: string; cell: V }
  add: (into: V, from: V) => void
  /** Whether a key is such a row itself. Those are bounded apart: at most `most` of them, and one row for the rest. */
  isOthers: (key: string) => boolean
  /** Takes the rows of `others` that are too many. */
  rest: (key: string, cell: V) => { key: string; cell: V }
}

/** Folds the entries beyond the bounds into rows for similar texts. A map within its bounds is not changed. */
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

/** The keys after the first `most` in the order of their ranks. */
function beyond(keys: readonly string[], most: number): string[] {
  if (keys.length <= most) return []
  const ranked = keys.map((key) => ({ key, rank: rankOf(key) }))
  return ranked
    .toSorted((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1))
    .slice(most)
    .map(({ key }) => key)
}

/** Keys with numbers in them, other than a status, come last: they are mostly one text with many ids. */
function rankOf(key: string): number {
  return (seedOf(key) >>> 0) + (/\d/.test(key.replace(/HTTP \d{3}$/, '')) ? 2 ** 32 : 0)
}

const likeIt = ' (others like it)'
/** The row for texts whose form has no row of its own. */
export const otherTexts = '(other messages)'

/** What texts have in common that differ in numbers and ids only: `order 17 of 9f3c2b…` → `order # of # (others like it)`. */
export function othersLike(text: string): string {
  if (isOthersLike(text)) return text
  // A lookahead for the digit would take quadratic time in a text such as `a-a-a-…`.
  const withoutIds = text.replaceAll(/\w[\w-]*/g, (word) => (/\d/.test(word) ? '#' : word))
  return withoutIds.replaceAll(/#(?:[\s.,:-]*#)+/g, '#') + likeIt
}

export function isOthersLike(text: string): boolean {
  return text === otherTexts || text.endsWith(likeIt)
}

/** For sections whose keys are names that the scenario gives: one row for all others. */
export function foldingNames<V>(
  most: number,
  others: (cell: V) => { key: string; cell: V },
  add: Folding<V>['add'],
): Folding<V> {
  const into = (_: string, cell: V): { key: string; cell: V } => others(cell)
  return { most, others: into, add, isOthers: (key) => key.endsWith(otherNames), rest: into }
}
