const mostCharacters = 200

/** A regular expression that is being read, and the current position in it. */
interface Cursor {
  source: string
  at: number
  /** The number of parts of the pattern that may still be read. A pattern with more parts is treated as unsupported. */
  left: number
  /** The number of characters that repetitions still have to add, so that the text is long enough. */
  missing: number
  /** `true` if each repetition has its minimum count. */
  isShortest: boolean
}

/**
 * Returns a string of `least` to `most` characters that matches a simple regular expression of literals, classes, groups, alternatives and
 * repetitions. Returns null if the expression has other parts, such as assertions or back references, or if the code finds no string of this length.
 */
export function textOfPattern(source: string, { least, most }: { least: number; most: number }): string | null {
  if (source.length > 500) return null
  const text = generated(source, { missing: 0, isShortest: false })
  if (text === null) return null
  const [more, fewer] = [least - text.length, text.length - most]
  if (more <= 0 && fewer <= 0) return text
  // Without `$`, other characters can follow the match. Without `^`, other characters can precede the match.
  const filling = 'x'.repeat(Math.max(0, more))
  const others = [
    more > 0 ? generated(source, { missing: more, isShortest: false }) : null,
    fewer > 0 ? generated(source, { missing: 0, isShortest: true }) : null,
    source.includes('$') ? null : text + filling,
    source.includes('^') ? null : filling + text,
  ]
  return others.find((one) => one !== null && one.length >= least && one.length <= most) ?? null
}

function generated(source: string, wanted: Pick<Cursor, 'missing' | 'isShortest'>): string | null {
  const cursor: Cursor = { source, at: 0, left: 2000, ...wanted }
  try {
    const text = alternatives(cursor, 0)
    return cursor.at === source.length && text.length <= mostCharacters ? text : null
  } catch (error) {
    if (error instanceof Unknown) return null
    throw error
  }
}

/** Thrown when a pattern has a part that `textOfPattern` does not support. */
class Unknown extends Error {}

/** Returns the first of the alternatives. */
function alternatives(cursor: Cursor, level: number): string {
  if (level > 20) throw new Unknown()
  const first = sequence(cursor, level)
  const { missing } = cursor
  while (cursor.source[cursor.at] === '|') {
    cursor.at++
    sequence(cursor, level)
  }
  cursor.missing = missing
  return first
}

function sequence(cursor: Cursor, level: number): string {
  let text = ''
  for (let next = cursor.source[cursor.at]; next !== undefined && next !== '|' && next !== ')';) {
    if (--cursor.left < 0) throw new Unknown()
    const one = atom(cursor, level)
    text += one.repeat(repetitions(cursor, one))
    if (text.length > mostCharacters) throw new Unknown()
    next = cursor.source[cursor.at]
  }
  return text
}

function atom(cursor: Cursor, level: number): string {
  const next = cursor.source[cursor.at++]
  if (next === '^' || next === '$') return ''
  if (next === '.') return 'x'
  if (next === '\\') return escaped(cursor)
  if (next === '[') return classed(cursor)
  if (next === '(') return grouped(cursor, level)
  if (next === undefined || '*+?{'.includes(next)) throw new Unknown()
  return next
}

function grouped(cursor: Cursor, level: number): string {
  const start = /\?(?::|<\w+>)/y
  start.lastIndex = cursor.at
  const named = start.exec(cursor.source)
  if (named) cursor.at += named[0].length
  else if (cursor.source[cursor.at] === '?') throw new Unknown()
  const text = alternatives(cursor, level + 1)
  if (cursor.source[cursor.at++] !== ')') throw new Unknown()
  return text
}

const escapes: Readonly<Record<string, string>> = { d: '1', w: 'a', s: ' ', D: 'x', W: '-', S: 'x', t: '\t', n: '\n' }

function escaped(cursor: Cursor): string {
  const next = cursor.source[cursor.at++]
  if (next === undefined) throw new Unknown()
  const known = escapes[next]
  if (known !== undefined && Object.hasOwn(escapes, next)) return known
  if (/[A-Za-z\d]/.test(next)) throw new Unknown()
  return next
}

/** Returns a character that a class contains. For a negated class, returns the first character of `xX1-_ ` that the class allows. */
function classed(cursor: Cursor): string {
  const end = /\^?\]?(?:\\.|[^\]\\])*\]/sy
  end.lastIndex = cursor.at
  const found = end.exec(cursor.source)
  if (!found) throw new Unknown()
  cursor.at += found[0].length
  const members = found[0].slice(0, -1)
  if (!members.startsWith('^')) return memberOf(members)
  const allowed = classPattern(members)
  const one = ['x', 'X', '1', '-', '_', ' '].find((character) => allowed.test(character))
  if (one === undefined) throw new Unknown()
  return one
}

function classPattern(members: string): RegExp {
  try {
    return new RegExp(`[${members}]`)
  } catch {
    throw new Unknown()
  }
}

function memberOf(members: string): string {
  const inner: Cursor = { source: members, at: 0, left: 1, missing: 0, isShortest: false }
  if (members === '') throw new Unknown()
  if (members.startsWith('\\')) return escaped({ ...inner, at: 1 })
  return members.slice(0, 1)
}

/**
 * Reads a repetition, such as `*` or `{2,5}`, and returns the number of times that the text `one` must occur. This number is `low` if `isShortest` is
 * true or `one` is empty, and otherwise `usual` (see `limitsOf`). If the whole text needs more characters, returns a greater number, up to `high`.
 * Returns 1 if there is no repetition.
 */
function repetitions(cursor: Cursor, one: string): number {
  const form = /(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})\??/y
  form.lastIndex = cursor.at
  const found = form.exec(cursor.source)
  if (!found) return 1
  cursor.at += found[0].length
  const { low, high, usual: often } = limitsOf(found)
  const usual = one === '' || cursor.isShortest ? low : often
  const added = one === '' ? 0 : Math.min(high - usual, Math.ceil(cursor.missing / one.length))
  cursor.missing = Math.max(0, cursor.missing - added * one.length)
  const count = usual + added
  if (count * one.length > mostCharacters) throw new Unknown()
  return count
}

/**
 * Returns the limits of a repetition, and the usual count. The usual count is 0 for `?`, and 1 for `*` and `+`. For `{2,5}`, the usual count is the
 * minimum. If the minimum is 0 and the repetition allows 1, the usual count is 1.
 */
function limitsOf([, sign, low, comma, high]: readonly (string | undefined)[]): Record<
  'low' | 'high' | 'usual',
  number
> {
  if (sign === '?') return { low: 0, high: 1, usual: 0 }
  if (sign !== undefined) return { low: sign === '+' ? 1 : 0, high: Number.POSITIVE_INFINITY, usual: 1 }
  const [least, most] = [Number(low), comma === undefined ? Number(low) : Number(high ?? Number.POSITIVE_INFINITY)]
  return { low: least, high: most, usual: Math.max(least, Math.min(1, most)) }
}
