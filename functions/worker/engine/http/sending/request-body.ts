import { randomUUID } from 'node:crypto'
import { inWords } from '../../../../../core/values-in-words.ts'

/** A body in the form in which it is sent. */
export interface RequestBody {
  /** Null until `ready` has read it. */
  content: string | Uint8Array | null
  type: string | undefined
  /** Reads what cannot be read at once (a Blob, a form with files). */
  ready?: () => Promise<Uint8Array>
}

const urlEncoded = 'application/x-www-form-urlencoded'
/** Separates the parts of a form. It differs in each process, so that it does not occur in any content. */
const boundary = `----burst-${randomUUID()}`

/**
 * What `body:` may be: text, bytes, `URLSearchParams`, `Blob`, `FormData`.
 * @throws TypeError for anything else
 */
export function rawBody(body: unknown): RequestBody {
  if (typeof body === 'string') return { content: body, type: undefined }
  if (body instanceof Uint8Array) return { content: body, type: undefined }
  const bytes = bytesOf(body)
  if (bytes) return { content: bytes, type: undefined }
  if (body instanceof URLSearchParams) return { content: body.toString(), type: urlEncoded }
  if (body instanceof FormData) return formBody(body)
  if (body instanceof Blob) {
    return { content: null, type: body.type === '' ? undefined : body.type, ready: () => bytesOfBlob(body) }
  }
  throw new TypeError(
    `body is ${inWords(body)}; it may be a text, bytes, URLSearchParams, FormData or a Blob. Objects go into json or form, streams are read first`,
  )
}

/** @throws TypeError when the value cannot be written as JSON */
export function jsonBody(value: unknown): RequestBody {
  const content = JSON.stringify(value) as string | undefined
  if (content !== undefined) return { content, type: 'application/json' }
  throw new TypeError(`json is ${inWords(value)}, which cannot be written as JSON`)
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  return body instanceof ArrayBuffer || body instanceof SharedArrayBuffer ? new Uint8Array(body) : undefined
}

async function bytesOfBlob(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer())
}

type Field = string | File

/** A form according to RFC 7578, in the way browsers write it. */
function formBody(form: FormData): RequestBody {
  const type = `multipart/form-data; boundary=${boundary}`
  return { content: null, type, ready: () => multipart([...form]) }
}

async function multipart(fields: readonly [string, Field][]): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (const [name, value] of fields) {
    parts.push(
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"${fileWords(value)}\r\n\r\n`),
    )
    parts.push(
      typeof value === 'string' ? Buffer.from(value.replaceAll(/\r\n|\r|\n/g, '\r\n')) : await bytesOfBlob(value),
    )
    parts.push(Buffer.from('\r\n'))
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return Buffer.concat(parts)
}

function fileWords(value: Field): string {
  if (typeof value === 'string') return ''
  return `; filename="${quoted(value.name)}"\r\ncontent-type: ${value.type === '' ? 'application/octet-stream' : value.type}`
}

function quoted(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')
}
