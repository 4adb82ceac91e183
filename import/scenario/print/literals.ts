/**
 * Returns a string as a literal in single quotes, or in double quotes if double quotes need fewer escapes. Escapes all characters that would end the
 * literal or the line.
 */
export function quoted(text: string): string {
  const quote = count(text, "'") > count(text, '"') ? '"' : "'"
  return quote + escaped(text).replaceAll(quote, `\\${quote}`) + quote
}

/** Returns a string as a part of a template literal. */
export function inTemplate(text: string): string {
  return escaped(text).replaceAll('`', '\\`').replaceAll('${', '\\${')
}

/** Returns a key of an object literal. `__proto__` is written as a computed key, so that it is an ordinary key. */
export function propertyKey(key: string): string {
  if (key === '__proto__') return "['__proto__']"
  return isPlainKey(key) ? key : quoted(key)
}

/** Returns true if a key needs no quotes. Such a key can also be written after a dot. */
export function isPlainKey(key: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(key)
}

/** Returns a finite number as a literal. `NaN` and infinite numbers become 0. */
export function numeral(value: number): string {
  if (!Number.isFinite(value)) return '0'
  return String(value).replace('e+', 'e')
}

/** Returns a regular expression as a literal. `new RegExp` checks the expression, and escapes its slashes and line breaks. */
export function regexLiteral(source: string, flags: string): string {
  const { source: safe } = new RegExp(source, flags)
  return `/${safe}/${flags}`
}

/** Returns a string for a one-line comment. The string has at most 160 characters, and contains neither line breaks nor control characters. */
export function inComment(text: string): string {
  const plain = text
    // oxlint-disable-next-line no-control-regex -- control characters are removed
    .replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]+/g, ' ')
    .trim()
  return plain.length > 160 ? `${plain.slice(0, 159)}…` : plain
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}

const short: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escaped(text: string): string {
  const unsafe =
    // oxlint-disable-next-line no-control-regex -- control characters are escaped
    /[\\\u0000-\u001F\u007F-\u009F\u00AD\u2028\u2029\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g
  return text.replaceAll(unsafe, (one) => short[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
