import { type Expr, call, id, method, str } from '../scenario/code.ts'
import { bodyOf } from '../requests/bodies/body.ts'
import { fileTypeOf } from '../../core/authoring/requests/file.ts'
import { fileCall } from '../requests/bodies/multipart.ts'
import { type Body, type Pair, type Text, cutAt, plainText } from '../requests/request.ts'
import { type Applier, type Data, type DataFile, type Reading, left, missingContent, shown } from './reading.ts'

/** The way in which an option of curl reads a value such as `@file`: as plain text, as a file without its line breaks, or as an unchanged file. */
type FileRead = 'none' | 'without line ends' | 'bytes'

/** The options for the data of a request, such as `-d`. `--json` also sets headers, see `command.ts`. */
export const dataAppliers: Readonly<Record<string, Applier>> = {
  data: (reading, value) => addData(reading, value, { read: 'without line ends' }),
  'data-ascii': (reading, value) => addData(reading, value, { read: 'without line ends' }),
  'data-binary': (reading, value) => addData(reading, value, { read: 'bytes' }),
  'data-raw': (reading, value) => addData(reading, value, { read: 'none' }),
  'data-urlencode': (reading, value) =>
    void reading.data.push({ separator: '&', content: encodedData(reading, value, '--data-urlencode') }),
}

/** @param separator the text between this data and the data of the previous option; default: `&` */
export function addData(
  { command: { input }, data }: Reading,
  value: Text,
  { read, separator = '&' }: { read: FileRead; separator?: Data['separator'] },
): void {
  const text = shown(value)
  const isBinary = read === 'bytes'
  if (read === 'none' || !text.startsWith('@')) data.push({ separator, content: value })
  else if (text === '@-' && input) data.push({ separator, content: isBinary ? input : input.map(withoutLineEnds) })
  else data.push({ separator, content: { path: text.slice(1), isBinary } })
}

function withoutLineEnds(part: string | Expr): string | Expr {
  return typeof part === 'string' ? part.replaceAll(/[\0\r\n]/g, '') : part
}

/** Parses `name=content`, `=content`, `content` and `name@file`. */
export function encodedData(reading: Reading, value: Text, option: string): Text {
  const [name, content] = cutAt(value, '=')
  const [, field = '', path] = content === null ? (/^([^@]*)@(.+)$/s.exec(shown(value)) ?? []) : []
  const key = content === null ? field : shown(name)
  const encoded = (path === undefined ? (content ?? value) : contentOf(path)).map((part) =>
    typeof part === 'string' ? encodeURIComponent(part.toWellFormed()) : call(id('encodeURIComponent'), part),
  )
  return key === '' ? encoded : [`${key}=`, ...encoded]

  function contentOf(file: string): Text {
    if (file === '-' && reading.command.input) return reading.command.input
    const text = reading.command.text(file)
    return text ? [text] : missingContent(reading, `${option} ${shown(value)}`)
  }
}

/** Returns the path of a file, relative to the scenario. If the file does not exist, adds a TODO comment to the scenario. */
export function fileAt(reading: Reading, path: string): string {
  const found = reading.command.path(path)
  if (found === null) left(reading, `@${path}`, 'the file does not exist; create it, or name another file')
  return found ?? path
}

/** Joins the data of all options into one string. */
export function dataText(reading: Reading): Text {
  const whole: (string | Expr)[] = []
  for (const { separator, content } of reading.data) {
    const text = 'path' in content ? fileText(reading, content) : content
    if (text) whole.push(...(whole.length === 0 ? text : [separator, ...text]))
  }
  return whole
}

/** Returns the text of a file, as an expression. If the file cannot be a part of the data, adds a TODO comment and returns null. */
function fileText(reading: Reading, { path, isBinary }: DataFile): Text | null {
  const text = reading.command.text(path)
  const why = reading.isGet ? 'a file in a query is not translated' : 'the file does not exist'
  if (!text || reading.isGet) {
    left(reading, `@${path}`, why)
    return null
  }
  if (isBinary) {
    left(reading, `@${path}`, 'the file is sent as UTF-8 text, because it is only a part of the body')
    return [text]
  }
  const lineEnds: Expr = { k: 'regex', source: String.raw`[\0\r\n]`, flags: 'g' }
  return [method(text, 'replaceAll', lineEnds, str(''))]
}

const formType: Pair = { name: 'content-type', value: ['application/x-www-form-urlencoded'] }

export interface Sent {
  /** The name of the option that determines the body, such as `--data`; empty if the command has no option of this kind. */
  kind: string
  body: Body | null
  headers: readonly Pair[]
}

export function sentBody(reading: Reading): Sent {
  const { headers, parts, isGet } = reading
  const type = headers.find(({ name }) => name.toLowerCase() === 'content-type')
  const hasType = type !== undefined || reading.removed.has('content-type')
  const kind = onlyKind(reading)
  if (kind === '--form') return { kind, body: { kind: 'parts', parts }, headers: headers.filter((one) => one !== type) }
  if (kind === '--upload-file' && reading.content !== null)
    return { kind, ...contentBody(reading.content, { headers, isForm: false }) }
  if (kind !== '--data' || isGet) return { kind, body: null, headers }
  const content = wholeFile(reading, type)
  if (content !== null) return { kind, ...contentBody(content, { headers, isForm: !hasType }) }
  return { kind, ...bodyOf(dataText(reading), hasType ? headers : [...headers, formType]) }
}

/**
 * Returns the option that determines the body of the request: `--head`, `--form`, `--upload-file` or `--data`. curl refuses a command with more than
 * one of these options. burst uses the option that comes first in this order, and adds a TODO comment for each of the others.
 */
function onlyKind(reading: Reading): string {
  const kinds = [
    ...(reading.isHead ? ['--head'] : []),
    ...(reading.parts.length > 0 ? ['--form'] : []),
    ...(reading.content === null ? [] : ['--upload-file']),
    ...(reading.data.length > 0 && !reading.isGet ? ['--data'] : []),
  ]
  const [first = '', ...others] = kinds
  for (const other of others) left(reading, other, `curl refuses this together with ${first}; only ${first} is used`)
  return first
}

/**
 * Returns the path of the file that is the whole body. Returns null if the body is not exactly one file. curl removes the line breaks from a `-d`
 * file, but burst sends every file unchanged. For a `-d` file, this function therefore returns the path only in two cases. In the first case, the
 * body is JSON, in which line breaks do not matter. In the second case, the file is missing.
 */
function wholeFile(reading: Reading, type: Pair | undefined): string | null {
  const [only, ...more] = reading.data
  if (!only || more.length > 0 || !('path' in only.content)) return null
  const { path, isBinary } = only.content
  const isJson = type !== undefined && /\bjson\b/i.test(shown(type.value))
  return isBinary || isJson || reading.command.path(path) === null ? fileAt(reading, path) : null
}

/** Returns a file as the body. The content type follows from the extension of the file, but a header can set a different type. */
function contentBody(
  path: string,
  { headers, isForm }: { headers: readonly Pair[]; isForm: boolean },
): { body: Body; headers: readonly Pair[] } {
  const body: Body = { kind: 'body', value: fileCall(path) }
  if (isForm) return { body, headers: [...headers, formType] }
  const isSame = ({ name, value }: Pair): boolean =>
    name.toLowerCase() === 'content-type' && plainText(value) === fileTypeOf(path)
  return { body, headers: headers.filter((header) => !isSame(header)) }
}
