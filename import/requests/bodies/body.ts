import { type Entry, type Expr, array, bool, call, id, nil, num, object, str } from '../../scenario/code.ts'
import { type Body, type Pair, type Text, plainText, textExpr } from '../request.ts'
import { queryOf } from '../url.ts'

const mostLevels = 60
const isJsonType = /^application\/(?:[\w.-]+\+)?json\b/i
const isFormType = /^application\/x-www-form-urlencoded\b/i

/** Returns the body of a request, and its headers. Removes a `content-type` that the options `json` and `form` already set. */
export function bodyOf(text: Text, headers: readonly Pair[]): { body: Body; headers: readonly Pair[] } {
  const type = headers.find(({ name }) => name.toLowerCase() === 'content-type')
  const typeText = type ? (plainText(type.value) ?? '') : ''
  // If the body consists only of variables, the variables contain the JSON as text. The scenario sends this text unchanged.
  const isOnlyVariable = text.every((part) => typeof part !== 'string' || part.trim() === '')
  const json = isJsonType.test(typeText) && !isOnlyVariable ? jsonExpr(text) : null
  const without = headers.filter((header) => header !== type)
  if (json) return { body: { kind: 'json', value: json }, headers: isPlainType(typeText, 'json') ? without : headers }
  if (isFormType.test(typeText) && isForm(text))
    return {
      body: { kind: 'form', pairs: queryOf(text) },
      headers: isPlainType(typeText, 'x-www-form-urlencoded') ? without : headers,
    }
  return { body: { kind: 'body', value: textExpr(text) }, headers }
}

/** Returns true if burst sets this content type by itself. */
function isPlainType(type: string, name: string): boolean {
  return new RegExp(`^application/${name}(?:;\\s*charset=utf-?8)?$`, 'i').test(type.trim())
}

function isForm(text: Text): boolean {
  const whole = text.map((part) => (typeof part === 'string' ? part : 'x')).join('')
  return whole.length < 100_000 && /^[^\s=&{}"<>]+=[^&]*(?:&[^\s=&{}"<>]+=[^&]*)*$/.test(whole)
}

/**
 * Converts JSON to one expression. The JSON may contain expressions inside its strings or in place of its values. Returns null if the text is not
 * JSON, is nested more than 60 levels deep, has an expression in a key, or contains a number with 16 or more digits.
 */
export function jsonExpr(text: Text): Expr | null {
  const plain = text.filter((part) => typeof part === 'string').join('')
  let mark = 'value'
  while (plain.includes(mark)) mark += '_'
  const exprs: Expr[] = []
  const marked = text.map((part) => (typeof part === 'string' ? part : `${mark}${exprs.push(part) - 1}.`)).join('')
  const parsed = parsedJson(marked) ?? parsedJson(quotedMarks(marked, mark))
  if (!parsed || hasLongNumber(plain)) return null
  return toExpr(parsed.value, { mark, exprs }, 0)
}

function parsedJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    // The body is not JSON, so the caller sends it as text.
    return null
  }
}

/**
 * A mark is a placeholder for an expression. This function puts quotes around each mark that is not inside a string, and inserts a `v` before the
 * number in the mark. The `v` means that the mark replaces a whole value.
 */
function quotedMarks(text: string, mark: string): string {
  const pieces = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|${mark}\\d+\\.`, 'gs')
  return text.replaceAll(pieces, (piece) => (piece.startsWith('"') ? piece : `"${mark}v${piece.slice(mark.length)}"`))
}

/** Returns true if the text contains 16 or more digits in a row, because JavaScript cannot represent all such numbers exactly. */
function hasLongNumber(text: string): boolean {
  return /(?<![\w".])\d{16,}(?![\w"])/.test(text)
}

interface Marks {
  mark: string
  exprs: readonly Expr[]
}

function toExpr(value: unknown, marks: Marks, level: number): Expr | null {
  if (level > mostLevels) return null
  if (value === null) return nil
  if (typeof value === 'string') return fromMarked(value, marks)
  if (typeof value === 'number') return num(value)
  if (typeof value === 'boolean') return bool(value)
  if (Array.isArray(value)) {
    const items = value.map((item) => toExpr(item, marks, level + 1))
    return items.includes(null) ? null : array(items as Expr[])
  }
  const entries = Object.entries(value as object).map(([key, one]) => ({ key, value: toExpr(one, marks, level + 1) }))
  if (entries.some((entry) => entry.value === null || entry.key.includes(marks.mark))) return null
  return object(entries as Entry[])
}

function fromMarked(text: string, { mark, exprs }: Marks): Expr {
  const pieces = text.split(new RegExp(`${mark}(v?\\d+)\\.`))
  if (pieces.length === 1) return str(text)
  const [, only = ''] = pieces
  if (only.startsWith('v')) {
    const value = exprs[Number(only.slice(1))] as Expr
    return call(id('Number'), value)
  }
  return textExpr(pieces.map((piece, index) => (index % 2 === 1 ? (exprs[Number(piece)] as Expr) : piece)))
}
