const mostCharacters = 200

/** A regular expression that is being read, and the current position in it. */
interface Cursor {
  source: string
  at: number
  /** The number of remaining steps. If a pattern has more parts, it is treated as unsupported. */
  left: number
}

/**
 * Returns a string that matches a simple regular expression of literals, classes, groups, alternatives and repetitions. Returns null if the
 * expression has other parts, such as assertions or back references.
 */
export function textOfPattern(source: string): string | null {
  if (source.length > 500) return null
  const cursor: Cursor = { source, at: 0, left: 2000 }
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
  while (cursor.source[cursor.at] === '|') {
    cursor.at++
    sequence(cursor, level)
  }
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
  const inner: Cursor = { source: members, at: 0, left: 1 }
  if (members === '') throw new Unknown()
  if (members.startsWith('\\')) return escaped({ ...inner, at: 1 })
  return members.slice(0, 1)
}

/**
 * Returns the minimum count of a repetition, or 1 if the minimum is 0 and the repetition allows 1. Returns 0 for `?`, and 1 if there is no
 * repetition.
 */
function repetitions(cursor: Cursor, one: string): number {
  const form = /(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})\??/y
  form.lastIndex = cursor.at
  const found = form.exec(cursor.source)
  if (!found) return 1
  cursor.at += found[0].length
  const [, sign, low, comma, high] = found
  if (sign !== undefined) return sign === '?' || one === '' ? 0 : 1
  const count = comma === undefined ? Number(low) : Math.max(Number(low), Math.min(1, Number(high ?? 1)))
  if (count * one.length > mostCharacters) throw new Unknown()
  return count
}
