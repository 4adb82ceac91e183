import { mask, secretName } from '../../core/secrets.ts'

/** Matches a name before `:` or `=`. A match can begin only at the start of a word. The search for names therefore takes linear time. */
const named = /(?<![\w.%[\]$-])([\w.%[\]$-]+)(\\{0,7}["'])?\s{0,8}([:=])\s{0,8}/g
/** Names whose values may contain `;` and `,`. */
const wholeHeader = /auth|cookie/i

/**
 * Masks the values of names that suggest secrets with `***`, for example in `"token": "…"`, `token=…` and `Authorization: …`. The names may also be
 * in JSON that is cut off, or that is escaped inside a string. If the end of a value is unclear, masks the rest of the line or of the text.
 */
export function maskNamed(text: string): string {
  let shown = ''
  let from = 0
  for (const found of text.matchAll(named)) {
    const start = found.index + found[0].length
    const [, name = '', quote, sign] = found
    if (found.index < from || !secretName.test(decoded(name))) continue
    const { end, masked } = valueAt(
      text,
      start,
      kindOf({ name, sign, isQuoted: quote !== undefined, text, at: found.index }),
    )
    shown += text.slice(from, start) + masked
    from = end
  }
  return withoutCredentials(shown + text.slice(from))
}

/** Matches credentials after the name of their scheme, because a target that repeats the credentials often omits the name of the header. */
const schemes = /(?<![\w-])(basic|bearer)( {1,8})([\w.~+/-]{3,}={0,2})/gi

function withoutCredentials(text: string): string {
  return text.replace(schemes, (all, scheme: string, space: string, value: string) => {
    const isSecret = scheme.toLowerCase() === 'basic' ? isUserinfo(value) : /^(?=.*\d).{16,}$/.test(value)
    return isSecret ? `${scheme}${space}${mask}` : all
  })
}

/** Returns true if the value is `user:password` in Base64, and false if it is a word, as in `Basic information`. */
function isUserinfo(value: string): boolean {
  return /^\P{Cc}*:\P{Cc}*$/u.test(Buffer.from(value, 'base64').toString('latin1'))
}

/** Decodes a name or a value of a form or a cookie. If a `%` is not the start of a valid escape sequence, returns the whole text unchanged. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

type Kind = keyof typeof values

/** Patterns for values without quotation marks. `kindOf` selects the pattern from the characters before the value. */
const values = {
  json: /[^,}\]\s]*/y,
  form: /(?:(?:bearer|basic|token|digest) )?[^\s&"<>]*/iy,
  line: /[^\r\n]*/y,
  header: /[^\r\n"'<>}]*/y,
  word: /[^\r\n"'<>},;&]*/y,
}

function kindOf(found: { name: string; sign: string | undefined; isQuoted: boolean; text: string; at: number }): Kind {
  if (found.isQuoted) return 'json'
  if (found.sign === '=') return 'form'
  if (!wholeHeader.test(found.name)) return 'word'
  return found.at === 0 || found.text[found.at - 1] === '\n' ? 'line' : 'header'
}

/** Returns the end of the value that starts at `start`, and the text that replaces the value. */
function valueAt(text: string, start: number, kind: Kind): { end: number; masked: string } {
  const opened = matchAt(/\\{0,7}["']/y, text, start)
  if (opened !== '' && kind !== 'line') {
    const close = endOfQuoted(text, start + opened.length, opened)
    return { end: close, masked: `${opened}${mask}${opened}` }
  }
  if (kind === 'json' && /[[{]/.test(text[start] ?? '')) return { end: endOfNested(text, start), masked: `"${mask}"` }
  const value = matchAt(values[kind], text, start)
  return { end: start + value.length, masked: unquotedMasked(value, kind) }
}

function unquotedMasked(value: string, kind: Kind): string {
  if (value.trim() === '' || /^(?:null|true|false)$/.test(value)) return value
  return kind === 'json' ? `"${mask}"` : mask
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/**
 * Returns the index after the closing quotation mark. Without a closing mark, returns the end of the text. If the opening mark has backslashes, a
 * mark with more backslashes belongs to the value. If the opening mark has no backslash, a mark after an odd number of backslashes belongs to the
 * value.
 */
function endOfQuoted(text: string, from: number, opened: string): number {
  for (let at = text.indexOf(opened, from); at !== -1; at = text.indexOf(opened, at + 1)) {
    if (at === from || text[at - 1] !== '\\' || isEvenRun(text, at, from)) return at + opened.length
  }
  return text.length
}

/** Returns true if the number of backslashes before a quotation mark is even. The quotation mark is then not escaped. */
function isEvenRun(text: string, at: number, from: number): boolean {
  if (text[at] === '\\') return false
  let first = at
  while (first > from && text[first - 1] === '\\') first--
  return (at - first) % 2 === 0
}

/** Returns the index after the bracket that closes an object or an array. Returns the end of the text if the text is cut off. */
function endOfNested(text: string, start: number): number {
  let depth = 0
  for (const { 0: part, index } of text.slice(start).matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (part === '[' || part === '{') depth++
    else if (part === ']' || part === '}') depth--
    if (depth === 0) return start + index + 1
  }
  return text.length
}
