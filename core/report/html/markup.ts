/** Escaped HTML. Only `html` and `trusted` create it. */
export interface Markup {
  readonly markup: string
}

export type Piece = string | number | Markup | readonly Piece[] | null | undefined | false

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

// Control characters (except line breaks and tabs) and characters that reverse or hide letters. These characters can make two different names look
// the same.
const unseen =
  /[^\P{Cc}\t\n]|[\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/gu
// Matches line breaks, tabs, and two kinds of blanks: special blanks that look like a normal blank, and normal blanks that a reader cannot see (at
// the beginning, at the end, or after another blank). The expression does not match the wide blank of Chinese and Japanese (U+3000), because this
// blank looks different from a normal blank.
const blank = /[\t\n]|[^\P{Z} \u3000]|(?<=^| ) | (?=$)/gu

/** Replaces invisible and direction-changing characters with their codes, as in `\u{202e}`. */
export function spelledOut(text: string): string {
  return text.replaceAll(unseen, inCode)
}

/**
 * Replaces the characters that `spelledOut` replaces, and also the blanks that a reader cannot distinguish. Two names that
 * differ only in these characters then look different. Applying this function to its own result changes nothing.
 */
export function visibleName(name: string): string {
  return spelledOut(name).replaceAll(blank, inCode)
}

/** Replaces the invisible characters of a text in a report. Applies `visibleName` to a name or method, and `spelledOut` to any other text. */
export function visibleField(text: string, key: string): string {
  return key === 'name' || key === 'method' ? visibleName(text) : spelledOut(text)
}

/** Returns the method and the name of a row. Characters that a reader cannot see or distinguish are replaced with their codes. */
export function visibleRow({ method, name }: { method: string; name: string }): string {
  return method === '' ? visibleName(name) : `${visibleName(method)} ${visibleName(name)}`
}

function inCode(char: string): string {
  return `\\u{${(char.codePointAt(0) as number).toString(16)}}`
}

/** Escapes a string for an element or a quoted attribute, and replaces invisible characters with their codes. */
export function escapeHtml(text: string): string {
  return spelledOut(text).replaceAll(/[&<>"']/g, (char) => entities[char] as string)
}

/** Escapes the values in a template, except HTML from `html`. null, undefined and false become an empty string. */
export function html(parts: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return { markup: parts.reduce((whole, part, k) => whole + render(values[k - 1]) + part) }
}

function render(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return ''
  if (typeof piece === 'string') return escapeHtml(piece)
  if (typeof piece === 'number') return String(piece)
  return 'markup' in piece ? piece.markup : piece.map(render).join('')
}

/** Marks a string that does not need escaping: a style sheet or script of burst, or JSON from `dataBlock`. */
export function trusted(markup: string): Markup {
  return { markup }
}

/** Returns JSON for a `<script type="application/json">`. A string in this JSON cannot close the element or open a comment. */
export function dataBlock(value: unknown): Markup {
  const escaped = JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return trusted(escaped)
}
