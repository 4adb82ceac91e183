import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { largestKeptBody } from './exchange.ts'

const gzipMagic = 0x1f8b
/** The length of a gzip member's trailer (checksum and size), in bytes. */
const memberTrailer = 8
/**
 * The maximum number of gzip members in a body that has other bytes after its last member. burst has to decompress each member of such a body a
 * second time. Therefore burst treats such a body as damaged if it has more members.
 */
const mostMembers = 100

/** The result of a decompression with `info: true`. The types of Node do not declare this result. */
interface Informed {
  engine: { bytesWritten: number }
}

const limit = { maxOutputLength: largestKeptBody }

/**
 * Decompresses gzip data. Ignores bytes after the end of this data, as browsers and curl do.
 * @throws Error when the data is damaged or too large
 */
function gunzip(body: Buffer): Buffer {
  try {
    return gunzipSync(body, limit)
  } catch (error) {
    const end = isDamage(error) ? endOfMembers(body) : body.length
    if (end === 0 || end === body.length) throw error
    return gunzipSync(body.subarray(0, end), limit)
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'Z_DATA_ERROR' || error.code === 'Z_BUF_ERROR')
}

/**
 * Returns the number of bytes of the gzip members (RFC 1952 §2.2) at the beginning of the body; 0 if there are more than `mostMembers`.
 * @throws Error when a member is damaged or too large
 */
function endOfMembers(body: Buffer): number {
  let end = 0
  for (let members = 0; end + 2 <= body.length && body.readUInt16BE(end) === gzipMagic; members++) {
    if (members === mostMembers) return 0
    const start = end + headLength(body.subarray(end))
    // The member is decompressed a second time, because `gunzipSync` does not return the position at which the data ended.
    const { engine } = inflateRawSync(body.subarray(start), { ...limit, info: true }) as unknown as Informed
    end = start + engine.bytesWritten + memberTrailer
  }
  return Math.min(end, body.length)
}

/** Returns the length of the header of a gzip member. */
function headLength(member: Buffer): number {
  const flags = member[3] ?? 0
  let at = 10
  if (flags & 4) at += 2 + member.readUInt16LE(at)
  for (const flag of [8, 16]) if (flags & flag) at = member.indexOf(0, at) + 1
  return flags & 2 ? at + 2 : at
}

const decoders = new Map<string, (body: Buffer) => Buffer>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  // "deflate" means data in the zlib format (RFC 9110 §8.4.1.2), but some servers send bare deflate data.
  ['deflate', (body) => ((body[0] ?? 0) % 16 === 8 ? inflateSync(body, limit) : inflateRawSync(body, limit))],
  ['br', (body) => brotliDecompressSync(body, limit)],
  ['zstd', (body) => zstdDecompressSync(body, limit)],
])

/**
 * The maximum number of encodings of one body. curl has the same limit. Each decoding may result in a body of the maximum size, and takes the time
 * and memory for such a body.
 */
const mostEncodings = 5

/** The value of `accept-encoding`: the encodings that the engine can decode. */
export const acceptEncoding = 'gzip, deflate, br, zstd'

/**
 * Returns the decompressed body. Unknown encodings (`none`, `utf-8`, `aws-chunked`) are skipped. Called when the ready queue resumes the user, not
 * when the response arrives.
 * @throws Error when the body is damaged, is larger than 64 MiB when decompressed, or has too many encodings
 */
export function unpackBody(chunks: readonly Buffer[], contentEncoding: string | undefined): Buffer {
  let body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
  if (body.length === 0 || contentEncoding === undefined) return body
  const encodings = contentEncoding.split(',').map((one) => one.trim().toLowerCase())
  if (encodings.length > mostEncodings)
    throw new Error(`it has ${encodings.length} encodings; the maximum is ${mostEncodings}`)
  for (const encoding of encodings.toReversed()) {
    body = decoded(body, encoding)
  }
  return body
}

function decoded(body: Buffer, encoding: string): Buffer {
  try {
    return decoders.get(encoding)?.(body) ?? body
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')) throw error
    throw new Error('it is larger than 64 MiB when decompressed', { cause: error })
  }
}
