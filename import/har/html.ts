import type { Found } from '../requests/request.ts'

const mostTags = 500

/** A value in a response. A later request might send this value. */
export interface Value {
  value: string
  /** The name of the value in the response. */
  key: string
  found: Found
}

/**
 * Returns values of `<input>` and `<meta>` tags. Each of these tags is a hidden field, or contains `csrf`, `xsrf`, `token` or `nonce`. Returns at
 * most 500 values, each with at least 4 characters. A value has no maximum length, because an ASP.NET field may be as long as the page.
 */
export function inHtml(page: string): Value[] {
  const found: Value[] = []
  const count = new Map<string, number>()
  for (const [written] of page.matchAll(/<(?:input|meta)\b[^<>]+>/gi)) {
    if (found.length >= mostTags) break
    const tag = withQuotes(written)
    const name = /\bname\s*=\s*(["'])([\w.:$[\]-]{1,100})\1/i.exec(tag)
    const value = /\b(value|content)\s*=\s*(["'])([^<>]*?)\2/i.exec(tag)
    const key = name?.[2]
    if (!name || !value || key === undefined) continue
    const element = /^<input/i.test(tag) ? 'input' : 'meta'
    const selector = `${element}[name="${key}"]`
    const index = count.get(selector) ?? 0
    count.set(selector, index + 1)
    if (!isHidden(tag, element) || (value[3] ?? '').length < 4) continue
    found.push({
      value: unescaped(value[3] ?? ''),
      key,
      found: foundAt({ name, value, index, selector, isQuoted: tag === written }),
    })
  }
  return found
}

function isHidden(tag: string, element: string): boolean {
  return /csrf|xsrf|token|nonce/i.test(tag) || (element === 'input' && /type\s*=\s*["']?hidden/i.test(tag))
}

interface Place {
  name: RegExpExecArray
  value: RegExpExecArray
  selector: string
  /** The number of earlier elements that have the same selector. */
  index: number
  /** `true` if the tag has quotes around all values of its attributes. */
  isQuoted: boolean
}

/** Puts quotes around unquoted attribute values, because HTML allows attribute values without quotes. */
function withQuotes(tag: string): string {
  return tag.replaceAll(/"[^"]*"|'[^']*'|=\s*([^\s"'<>=`][^\s"'<>`]*)/g, (whole, bare?: string) =>
    bare === undefined ? whole : `="${bare}"`,
  )
}

function foundAt({ name, value, selector, index, isQuoted }: Place): Found {
  const attribute = (value[1] ?? '').toLowerCase()
  const css = { css: selector, attribute, otherwise: '', ...(index > 0 && { index }) }
  // The regular expression finds only attributes in quotes, does not decode references such as `&#x2B;`, and finds only the first element with a
  // given name. If one of these limits affects this tag, the scenario uses only the CSS selector.
  const isPlain = isQuoted && index === 0 && !(value[3] ?? '').includes('&')
  return isPlain ? { ...css, pattern: matcher(name, value) } : css
}

function unescaped(text: string): string {
  return text
    .replaceAll(/&#(?:x([\da-f]{1,6})|(\d{1,7}));/gi, (whole, hex?: string, decimal?: string) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole
    })
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** Returns a regular expression that finds the value in a later response. */
function matcher(name: RegExpExecArray, value: RegExpExecArray): string {
  const named = `name=["']${(name[2] ?? '').replaceAll(/[.$[\]]/g, String.raw`\$&`)}["']`
  const valued = `${value[1]}=["']([^"']+)["']`
  return name.index < value.index ? `${named}[^>]*${valued}` : `${valued}[^>]*${named}`
}

/** Returns the hidden fields in the response to an ASP.NET update panel: `|hiddenField|__VIEWSTATE|…|`. */
export function inDelta(text: string): Value[] {
  return [...text.matchAll(/\|hiddenField\|(\w{1,100})\|([^|]{4,})\|/g)]
    .slice(0, mostTags)
    .map(([, key = '', value = '']) => ({ value, key, found: { match: String.raw`\|${key}\|([^|]+)\|` } }))
}
