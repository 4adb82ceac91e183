import type { Snippet } from './snippet.ts'

/** The snippets that treat values in the same way as the tool whose script is imported. */
export const valueSnippets: Readonly<Record<string, Snippet>> = {
  secondsIn: {
    text: `/** Returns a timeout in seconds, or with its unit. In k6, a timeout without a unit is in milliseconds. */
function secondsIn(timeout: any): any {
  return /^\\d+(\\.\\d+)?$/.test(String(timeout)) ? Number(timeout) / 1000 : timeout
}`,
  },
  wholeNumber: {
    text: `/** Returns a whole number, like int() in Python. Throws if a text is not a whole number, or has too many digits for JavaScript. */
function wholeNumber(value: any, base = 10): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Math.trunc(Number(value))
  const trimmed = String(value).trim()
  const text = trimmed.replaceAll(/(?<=[\\da-z])_(?=[\\da-z])/gi, '')
  const digits = base > 10 ? \`0-9a-\${String.fromCharCode(86 + base)}\` : \`0-\${base - 1}\`
  const isWhole = new RegExp(\`^[+-]?\${base === 16 ? '(0x)?' : ''}[\${digits}]+$\`, 'i').test(text)
  const number = isWhole ? Number.parseInt(text, base) : Number.NaN
  if (!Number.isSafeInteger(number)) throw new Error(\`\${text} is not a whole number of at most 16 digits\`)
  return number
}`,
  },
  decimalNumber: {
    text: `/** Returns a number, like float() in Python. Throws if a text is not a decimal number. */
function decimalNumber(value: any): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  const text = String(value).trim()
  if (!/^[+-]?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?$/i.test(text)) throw new Error(\`\${text} is not a decimal number\`)
  return Number(text)
}`,
  },
  sortInPlace: {
    text: `/** Sorts a list in place. Compares numbers as numbers, and lists by their items. */
function sortInPlace(items: any[]): void {
  const compare = (a: any, b: any): number => {
    if (!Array.isArray(a)) return a < b ? -1 : Number(a > b)
    const order = a.map((one, index) => (index < b.length ? compare(one, b[index]) : 1)).find((found) => found !== 0)
    return order ?? a.length - b.length
  }
  items.sort(compare)
}`,
  },
}
