import type { Plan } from '../plan.ts'

/**
 * Removes the assignments of each variable that no code reads. Keeps the assignments of a variable that an extractor also sets, or that an
 * untranslated part of a script mentions.
 */
export function withoutUnread<T>(plan: Plan, code: T): T {
  const fields = [...plan.scripts.puts.keys()].filter(
    (name) => !plan.scripts.extracted.has(name) && !mentions(plan.scripts.lostText, name),
  )
  const names = new Set(fields.map((name) => plan.fields.get(name)))
  let left = code
  // A removed assignment may contain the only code that reads another variable. The loop therefore repeats the search.
  for (let unread = unreadIn(left, names); unread.size > 0; unread = unreadIn(left, names)) {
    left = without(left, unread)
    for (const name of unread) names.delete(name)
  }
  return left
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<!\\w)${name.replaceAll(/\W/g, '\\$&')}(?!\\w)`).test(text)
}

function unreadIn(code: unknown, names: ReadonlySet<string | undefined>): Set<string | undefined> {
  const unread = new Set(names)
  const visit = (piece: unknown): void => {
    if (typeof piece !== 'object' || piece === null) return
    const field = fieldIn(piece)
    if (field !== null) unread.delete(field)
    const set = assignedField(piece)
    for (const [key, one] of Object.entries(piece)) if (!(set !== null && key === 'to')) visit(one)
  }
  visit(code)
  return unread
}

/** Returns the name in `this.name`. */
function fieldIn(piece: unknown): string | null {
  const node = piece as { k?: unknown; name?: unknown; of?: { k?: unknown } | null }
  return node.k === 'member' && node.of?.k === 'this' ? String(node.name) : null
}

/** Returns the name in `this.name = value`. */
function assignedField(piece: object): string | null {
  const node = piece as { k?: unknown; op?: unknown; to?: unknown }
  return node.k === 'assign' && node.op === '=' && typeof node.to === 'object' ? fieldIn(node.to) : null
}

function without<T>(piece: T, names: ReadonlySet<string | undefined>): T {
  if (typeof piece !== 'object' || piece === null) return piece
  if (Array.isArray(piece)) {
    const kept = piece.filter((one) => !isSetting(one, names)).map((one: unknown) => without(one, names))
    return kept.filter((one) => !isEmptied(one)) as T
  }
  return Object.fromEntries(Object.entries(piece).map(([key, one]) => [key, without(one as unknown, names)])) as T
}

function isSetting(stmt: unknown, names: ReadonlySet<string | undefined>): boolean {
  const node = stmt as { k?: unknown; of?: object }
  const field = node.k === 'expr' && node.of ? assignedField(node.of) : null
  return field !== null && names.has(field)
}

/** Returns true for an `if` whose statements were removed. */
function isEmptied(stmt: unknown): boolean {
  const { k, yes, no } = stmt as { k?: unknown; yes?: unknown; no?: unknown }
  return k === 'if' && Array.isArray(yes) && Array.isArray(no) && yes.length + no.length === 0
}
