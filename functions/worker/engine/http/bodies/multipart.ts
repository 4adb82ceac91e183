import { randomUUID } from 'node:crypto'
import type { ArrayStyle, Fields, FileContent, Part, PartValue } from '../../../../../core/authoring/requests/bodies.ts'
import { marks } from '../../../../../core/authoring/runtime.ts'
import { inWords } from '../../../../../core/values-in-words.ts'
import { kindInWords, nameOfList, pairsOf, plainText } from '../sending/plain-pairs.ts'
import { type RequestBody, StreamSource } from './stream-source.ts'

/** The boundary that separates the parts of a form. It is random and differs between processes, so that the content of a part does not contain it. */
const ownBoundary = `----burst-${randomUUID()}`
/** A body with more bytes than this is sent piece by piece, so that the bytes of files are not copied for each request. */
const largestCopy = 64 * 1024
const otherType = 'application/octet-stream'

interface ReadPart {
  name: string
  content: string | Uint8Array | Blob
  filename: string | undefined
  type: string | undefined
}

/**
 * Returns a `multipart/form-data` body (RFC 7578), encoded as browsers encode it.
 * @throws TypeError that names the field whose value cannot be sent
 */
export function multipartBody(given: Fields<PartValue>, arrays: ArrayStyle | undefined): RequestBody {
  return bodyOfParts(pairsOf<unknown>(given, 'multipart').flatMap(([name, value]) => partsOf(name, value, arrays)))
}

/** Returns the `multipart/form-data` body of a `FormData`. */
export function formBody(form: FormData): RequestBody {
  return bodyOfParts([...form].map(([name, value]) => partOf(name, value)))
}

/** Returns whether `file(…)` created the value. Also accepts a value that `file(…)` of another copy of burst created. */
export function isFile(value: unknown): value is FileContent {
  return typeof value === 'object' && value !== null && marks.file in value
}

/**
 * Returns the bytes of a typed array, a view or a buffer; undefined for other values.
 * @throws TypeError when the bytes were transferred, because the buffer is then empty
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
  checkAttached(ArrayBuffer.isView(value) ? value.buffer : value)
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer ? new Uint8Array(value) : undefined
}

function checkAttached(buffer: unknown): void {
  if (!(buffer instanceof ArrayBuffer) || !buffer.detached) return
  throw new TypeError(
    'the bytes were transferred (structuredClone or postMessage), so this buffer is empty: send a copy',
  )
}

function partsOf(name: string, value: unknown, arrays: ArrayStyle | undefined): ReadPart[] {
  if (!Array.isArray(value)) return value === undefined || value === null ? [] : [partOf(name, value)]
  const items = (value as unknown[]).filter((one) => one !== undefined && one !== null)
  if (arrays !== 'comma') return items.map((one) => partOf(nameOfList(name, arrays), one))
  const texts = items.map((one) => plainText(one))
  if (!texts.includes(undefined)) return texts.length === 0 ? [] : [partOf(name, texts.join(','))]
  // Some items cannot be sent at all, for example an invalid date. For such an item, `partOf` throws its own message.
  for (const one of items) partOf(name, one)
  throw new TypeError(
    `multipart: '${name.slice(0, 40)}' is a list with files, but files cannot be sent with arrays: 'comma'`,
  )
}

function partOf(name: string, value: unknown): ReadPart {
  if (!isPart(value)) return readPart(name, value)
  const { content, filename, type } = value
  const read = readPart(name, content)
  return { ...read, filename: checkedWord(filename, read.filename), type: checkedWord(type, read.type) }
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && 'content' in value && !isFile(value)
}

function readPart(name: string, value: unknown): ReadPart {
  const text = plainText(value)
  if (text !== undefined) return { name, content: text, filename: undefined, type: undefined }
  if (isFile(value)) return { name, content: value.bytes, filename: value.name, type: value.type }
  if (value instanceof Blob) {
    return {
      name,
      content: value,
      filename: value instanceof File ? value.name : 'blob',
      type: value.type || otherType,
    }
  }
  const bytes = bytesOf(value)
  if (bytes) return { name, content: bytes, filename: 'blob', type: otherType }
  throw new TypeError(
    `multipart: '${name.slice(0, 40)}' is ${kindInWords(value)}: give a string, a number, file(…), bytes, a Blob, { content, filename, type }, or a list of them`,
  )
}

function checkedWord(given: unknown, otherwise: string | undefined): string | undefined {
  if (given === undefined) return otherwise
  if (typeof given === 'string' && !/[\r\n]/.test(given)) return given
  throw new TypeError('multipart: filename and type of a part must be strings without line breaks')
}

function bodyOfParts(parts: readonly ReadPart[]): RequestBody {
  return { ...separatedBy(ownBoundary, parts), typed: (type) => typedForm(parts, type) }
}

function separatedBy(boundary: string, parts: readonly ReadPart[]): RequestBody {
  const type = `multipart/form-data; boundary=${boundary}`
  const isReady = parts.every(({ content }) => !(content instanceof Blob))
  if (isReady) return { content: joined(parts as readonly ReadyPart[], boundary), type }
  return { content: null, type, ready: async () => joined(await Promise.all(parts.map(whenRead)), boundary) }
}

/**
 * Returns a form for the `content-type` that the scenario sets. If the type is not multipart, the header stays unchanged. If a multipart type has a
 * boundary, the form uses this boundary. If a multipart type has no boundary, burst adds its own boundary to the header.
 * @throws TypeError when the boundary is invalid, or occurs in the content of a part
 */
function typedForm(parts: readonly ReadPart[], type: string): RequestBody {
  if (!/^\s*multipart\//i.test(type)) return { ...separatedBy(ownBoundary, parts), type }
  const [given, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^;]*))/i.exec(type) ?? []
  if (given === undefined) return { ...separatedBy(ownBoundary, parts), type: `${type}; boundary=${ownBoundary}` }
  return { ...separatedBy(checkedBoundary(quoted ?? plain?.trimEnd() ?? ''), parts), type }
}

function checkedBoundary(boundary: string): string {
  // The characters that a boundary may have (RFC 2046 §5.1.1).
  if (/^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/.test(boundary)) return boundary
  throw new TypeError(
    `the boundary in content-type is ${inWords(boundary)}; it must have 1 to 70 characters, only letters, digits, spaces and '()+_,-./:=?, and must not end in a space`,
  )
}

type ReadyPart = ReadPart & { content: string | Uint8Array }

async function whenRead(part: ReadPart): Promise<ReadyPart> {
  const { content } = part
  return { ...part, content: content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content }
}

function joined(parts: readonly ReadyPart[], boundary: string): Uint8Array | StreamSource {
  if (boundary !== ownBoundary) checkParts(parts, boundary)
  const pieces: Uint8Array[] = []
  for (const part of parts) {
    const { content } = part
    pieces.push(Buffer.from(`--${boundary}\r\n${headOf(part)}\r\n\r\n`))
    // Line breaks in strings are sent as CRLF, as browsers send text fields. Bytes, files and Blobs are sent unchanged.
    pieces.push(typeof content === 'string' ? Buffer.from(content.replaceAll(/\r\n|\r|\n/g, '\r\n')) : content)
    pieces.push(lineEnd)
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`))
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
  return length <= largestCopy ? Buffer.concat(pieces, length) : new StreamSource(length, () => pieces)
}

const lineEnd = Buffer.from('\r\n')

/** Refuses a part whose content contains the boundary, because the target would split this part at the boundary. */
function checkParts(parts: readonly ReadyPart[], boundary: string): void {
  const divided = parts.find(({ content }) => asBuffer(content).includes(`--${boundary}`))
  if (!divided) return
  throw new TypeError(
    `multipart: '${divided.name.slice(0, 40)}' contains ${inWords(boundary)}, the boundary in content-type: choose another boundary, or omit the boundary`,
  )
}

function asBuffer(content: string | Uint8Array): Buffer {
  if (typeof content === 'string') return Buffer.from(content)
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}

function headOf({ name, filename, type }: ReadPart): string {
  const file = filename === undefined ? '' : `; filename="${quoted(filename)}"`
  const typeLine = type === undefined ? '' : `\r\ncontent-type: ${type}`
  return `content-disposition: form-data; name="${quoted(name)}"${file}${typeLine}`
}

function quoted(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')
}
