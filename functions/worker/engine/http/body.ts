import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { largestKeptBody } from './exchange.ts'

const limit = { maxOutputLength: largestKeptBody }

const decoders = new Map<string, (body: Buffer) => Buffer>([
  ['gzip', (body) => gunzipSync(body, limit)],
  ['x-gzip', (body) => gunzipSync(body, limit)],
  // "deflate" means data in the zlib format (RFC 9110 §8.4.1.2), but some servers send bare deflate data.
  ['deflate', (body) => ((body[0] ?? 0) % 16 === 8 ? inflateSync(body, limit) : inflateRawSync(body, limit))],
  ['br', (body) => brotliDecompressSync(body, limit)],
  ['zstd', (body) => zstdDecompressSync(body, limit)],
])

/** The maximum number of encodings of one body, as in curl. Each decoding may take as much time and memory as a body of the maximum size. */
const mostEncodings = 5

/** The value of `accept-encoding`: the encodings that the engine can decode. */
export const acceptEncoding = 'gzip, deflate, br, zstd'

/**
 * Returns the decompressed body. A body with an unknown encoding (`none`, `utf-8`, `aws-chunked`) is returned unchanged. Called when the ready queue
 * resumes the user, and not in the handler of the response.
 * @throws Error when the body is damaged, is larger than 64 MiB when decompressed, or has too many encodings
 */
export function unpackBody(chunks: readonly Buffer[], contentEncoding: string | undefined): Buffer {
  let body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
  if (body.length === 0 || contentEncoding === undefined) return body
  const encodings = contentEncoding.split(',').map((one) => one.trim().toLowerCase())
  if (encodings.length > mostEncodings)
    throw new Error(`it has ${encodings.length} encodings, more than ${mostEncodings}`)
  for (const encoding of encodings.toReversed()) {
    body = decoders.get(encoding)?.(body) ?? body
  }
  return body
}
