/**
 * A document as in Wadler's pretty printer and in prettier. It contains text, possible line breaks, and groups that stay on one line if they fit. A
 * `choice` prints its first alternative if it fits on one line, otherwise the next alternative whose first line fits, otherwise the last alternative.
 */
export type Doc =
  | string
  | readonly Doc[]
  | { d: 'indent'; of: Doc }
  | Group
  | Choice
  | { d: 'line'; flat: string; hard: boolean }
  | { d: 'ifBroken'; broken: Doc; flat: Doc }

interface Group {
  d: 'group'
  of: Doc
  broken: boolean
}

interface Choice {
  d: 'choice'
  of: readonly Doc[]
}

export const line: Doc = { d: 'line', flat: ' ', hard: false }
export const softline: Doc = { d: 'line', flat: '', hard: false }
export const hardline: Doc = { d: 'line', flat: '', hard: true }
export const indent = (...of: readonly Doc[]): Doc => ({ d: 'indent', of })
export const group = (...of: readonly Doc[]): Doc => ({ d: 'group', of, broken: of.some(breaks) })
/** Returns a group that is always printed on several lines. */
export const brokenGroup = (...of: readonly Doc[]): Doc => ({ d: 'group', of, broken: true })
export const choice = (...of: readonly Doc[]): Doc => ({ d: 'choice', of })
export const ifBroken = (broken: Doc, flat: Doc): Doc => ({ d: 'ifBroken', broken, flat })

export function join(between: Doc, docs: readonly Doc[]): Doc {
  return docs.flatMap((doc, index) => (index === 0 ? [doc] : [between, doc]))
}

/** Returns true if the document cannot be printed on one line. */
export function breaks(doc: Doc): boolean {
  if (typeof doc === 'string') return false
  if (isList(doc)) return doc.some(breaks)
  if (doc.d === 'line') return doc.hard
  if (doc.d === 'group') return doc.broken
  if (doc.d === 'choice') return breaks(doc.of[0] ?? '')
  return doc.d === 'indent' && breaks(doc.of)
}

type Command = readonly [indent: number, broken: boolean, doc: Doc]

/** Converts a document to text. The lines have at most `width` characters where possible. The text does not end with a line break. */
export function layOut(doc: Doc, width: number): string {
  const commands: Command[] = [[0, true, doc]]
  const page = { text: [] as string[], column: 0 }
  for (let command = commands.pop(); command; command = commands.pop()) {
    const [depth, broken, one] = command
    if (typeof one === 'string') {
      if (one !== '') page.text.push(one)
      page.column += one.length
    } else if (isList(one)) push(commands, depth, broken, one)
    else if (one.d === 'indent') commands.push([depth + 2, broken, one.of])
    else if (one.d === 'ifBroken') commands.push([depth, broken, broken ? one.broken : one.flat])
    else if (one.d === 'line') endLine(page, { depth, broken }, one)
    else commands.push(chosen(one, depth, { room: width - page.column, rest: commands, broken }))
  }
  return page.text.join('')
}

function isList(doc: Doc): doc is readonly Doc[] {
  return Array.isArray(doc)
}

function push(commands: Command[], depth: number, broken: boolean, docs: readonly Doc[]): void {
  for (let index = docs.length - 1; index >= 0; index--) commands.push([depth, broken, docs[index] as Doc])
}

function endLine(
  page: { text: string[]; column: number },
  { depth, broken }: { depth: number; broken: boolean },
  { flat, hard }: { flat: string; hard: boolean },
): void {
  if (!broken && !hard) {
    page.text.push(flat)
    page.column += flat.length
    return
  }
  const last = page.text.at(-1)
  if (last !== undefined && /^ +$/.test(last)) page.text.pop()
  page.text.push('\n', ' '.repeat(depth))
  page.column = depth
}

interface Place {
  room: number
  rest: readonly Command[]
  broken: boolean
}

function chosen(one: Group | Choice, depth: number, place: Place): Command {
  if (one.d === 'group') {
    if (!one.broken && !place.broken) return [depth, false, one.of]
    return [depth, one.broken || !fits([depth, false, one.of], place), one.of]
  }
  const [first = ''] = one.of
  if (fits([depth, false, first], place)) return [depth, false, first]
  const found = one.of.slice(1, -1).find((state) => fits([depth, true, state], place))
  return [depth, true, found ?? one.of.at(-1) ?? first]
}

/**
 * Returns true if the text of the command fits on the line. If the text has a line break, only the text before the first line break must fit.
 * Otherwise, the text that follows the command on the same line must also fit.
 */
function fits(command: Command, { room, rest }: Place): boolean {
  const commands = [command]
  let left = room
  let next = rest.length
  while (left >= 0) {
    const one = commands.pop() ?? rest[--next]
    if (!one) return true
    const [depth, broken, doc] = one
    if (typeof doc === 'string') left -= doc.length
    else if (isList(doc)) push(commands, depth, broken, doc)
    else if (doc.d === 'line') {
      if (broken || doc.hard) return true
      left -= doc.flat.length
    } else commands.push([depth, ...inner(doc, broken)])
  }
  return false
}

function inner(doc: Exclude<Doc, string | readonly Doc[] | { d: 'line' }>, broken: boolean): [boolean, Doc] {
  if (doc.d === 'indent') return [broken, doc.of]
  if (doc.d === 'group') return [doc.broken, doc.of]
  // If the content may break, a choice is measured by its last alternative. Otherwise, it is measured by its first alternative. prettier measures a
  // choice in the same way.
  if (doc.d === 'choice') return broken ? [true, doc.of.at(-1) ?? ''] : [false, doc.of[0] ?? '']
  return [broken, broken ? doc.broken : doc.flat]
}

/** Returns the first printed character; empty if no character is printed. */
export function firstCharacter(doc: Doc): string {
  if (typeof doc === 'string') return doc.charAt(0)
  if (isList(doc)) {
    for (const one of doc) {
      const found = firstCharacter(one)
      if (found !== '') return found
    }
    return ''
  }
  if (doc.d === 'line') return ''
  if (doc.d === 'ifBroken') return firstCharacter(doc.flat)
  return doc.d === 'choice' ? firstCharacter(doc.of[0] ?? '') : firstCharacter(doc.of)
}

export function unwrapped(doc: Doc): Doc {
  return typeof doc === 'object' && 'd' in doc && doc.d === 'group' ? doc.of : doc
}
