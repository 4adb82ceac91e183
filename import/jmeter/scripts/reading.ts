/** A statement of a script: an `if` with its branches, or the text of any other statement. */
export interface Line {
  text: string
  /** The line number in the plan. */
  at: number
  branches?: { test: string; yes: Line[]; no: Line[] }
}

const mostLevels = 20

const string = /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y
const block = /^(?:if|else|for|while|try|switch|do)\b|^\w[\w<>]*\s+\w+\s*\([^()]*\)\s*\{/

/** Splits a script into its statements. Comments are left out. */
export function linesIn(script: string, at: number): Line[] {
  return piecesOf(withoutComments(script), at).map((piece) => lineOf(piece, 0))
}

function withoutComments(script: string): string {
  const pattern = new RegExp(`(${string.source})|/\\*[\\s\\S]*?\\*/|//[^\\n]*`, 'g')
  return script
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(pattern, (whole: string, kept: string | undefined) => kept ?? whole.replaceAll(/[^\n]/g, ''))
}

interface Piece {
  text: string
  at: number
}

/** Splits text at the semicolons and line breaks that end a statement. */
function piecesOf(text: string, first: number): Piece[] {
  const found: Piece[] = []
  let [start, depth] = [0, 0]
  const end = (to: number): void => {
    const piece = text.slice(start, to)
    const skipped = piece.length - piece.trimStart().length
    if (piece.trim() !== '') found.push({ text: piece.trim(), at: first + breaksIn(text.slice(0, start + skipped)) })
    start = to + 1
  }
  for (let at = 0; at < text.length; at = next(text, at)) {
    const one = text.charAt(at)
    if ('([{'.includes(one)) depth++
    if (')]}'.includes(one)) depth--
    if (depth > 0 || !';}\n'.includes(one)) continue
    const piece = text.slice(start, at + 1).trim()
    const rest = text.slice(at + 1, at + 200).trimStart()
    if (one === ';' && !rest.startsWith('else')) end(at)
    else if (one === '\n' && !continues(piece, rest)) end(at)
    else if (one === '}' && block.test(piece) && !/^(?:else|catch|finally|while)\b/.test(rest)) {
      end(at + 1)
      start = at + 1
    }
  }
  end(text.length)
  return found
}

/** Returns the position after the string literal that begins at `at`. If no string literal begins there, returns the next position. */
function next(text: string, at: number): number {
  string.lastIndex = at
  return string.test(text) ? string.lastIndex : at + 1
}

function breaksIn(text: string): number {
  return text.split('\n').length - 1
}

/** Returns true if a statement continues on the next line. */
function continues(piece: string, rest: string): boolean {
  if (
    piece === '' ||
    /(?:[*/%=&|?:,([{.]|(?<!\+)\+|(?<!-)-)$/.test(piece) ||
    /^(?:[.?:*/]|\+(?!\+)|&&|\|\||==)/.test(rest)
  )
    return true
  if (/^(?:if|for|while)\b/.test(piece) && closingAt(piece, piece.indexOf('(')) === piece.length - 1) return true
  if (/(?:^|\s)else$/.test(piece)) return true
  return block.test(piece) && /^(?:else|catch|finally|\{)/.test(rest)
}

/** Returns the position of the bracket that closes the bracket at `from`; -1 if the closing bracket is missing. */
function closingAt(text: string, from: number): number {
  let depth = 0
  for (let at = Math.max(0, from); at < text.length; at = next(text, at)) {
    const one = text.charAt(at)
    if ('([{'.includes(one)) depth++
    if (')]}'.includes(one) && --depth === 0) return at
  }
  return -1
}

function lineOf({ text, at }: Piece, level: number): Line {
  const open = /^if\s*\(/.exec(text)?.[0].length
  const close = open === undefined ? -1 : closingAt(text, open - 1)
  if (open === undefined || close === -1 || level > mostLevels) return { text, at }
  const { inner, end } = bodyAt(text, close + 1)
  const after = /^\s*;?\s*else\b/.exec(text.slice(end))
  const otherwise = after ? bodyAt(text, end + after[0].length) : null
  if (text.slice(otherwise?.end ?? end).trim() !== '') return { text, at }
  const [yes = [], no = []] = [inner, otherwise?.inner].map((one) =>
    one ? piecesIn(text, one, at).map((piece) => lineOf(piece, level + 1)) : [],
  )
  return { text, at, branches: { test: text.slice(open, close), yes, no } }
}

interface Body {
  inner: [from: number, to: number]
  end: number
}

/** Returns the body that begins at `from`. The body is a block or a single statement. */
function bodyAt(text: string, from: number): Body {
  const start = from + (text.slice(from).length - text.slice(from).trimStart().length)
  if (text[start] === '{') {
    const close = closingAt(text, start)
    return { inner: [start + 1, close], end: close + 1 }
  }
  const isIf = /^if\b/.test(text.slice(start))
  const after = isIf ? null : /(?:;|\n)\s*else\b/.exec(text.slice(start))
  const end = after ? start + after.index : text.length
  return { inner: [start, end], end }
}

function piecesIn(text: string, [from, to]: [number, number], at: number): Piece[] {
  return piecesOf(text.slice(from, to), at + breaksIn(text.slice(0, from)))
}
