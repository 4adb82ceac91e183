import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { unpackBody } from '../../../../../functions/worker/engine/http/body.ts'

test('a body with more than five encodings is not unpacked, because each encoding may take as much time as a large body', () => {
  const encodings = (count: number): string => Array.from({ length: count }, () => 'identity').join(', ')
  expect(unpackBody([Buffer.from('ok')], encodings(5)).toString()).toBe('ok')
  expect(() => unpackBody([Buffer.from('ok')], encodings(6))).toThrow('it has 6 encodings; the maximum is 5')
})

describe('a body in gzip', () => {
  const a = gzipSync('first')
  const b = gzipSync('second')
  const named = (body: Buffer): Buffer => {
    // These bits announce the fields FEXTRA, FNAME and FCOMMENT (RFC 1952 §2.3.1).
    const flags = Buffer.from([...body.subarray(0, 3), 4 + 8 + 16, ...body.subarray(4, 10)])
    return Buffer.concat([flags, Buffer.from([2, 0, 31, 139]), Buffer.from('file.txt\0a comment\0'), body.subarray(10)])
  }

  test.each([
    ['one member', [a], 'first'],
    ['two members', [a, b], 'firstsecond'],
    ['one byte after the data', [a, Buffer.from('\n')], 'first'],
    ['text after two members', [a, b, Buffer.from('junk')], 'firstsecond'],
    ['zeros after the data', [a, Buffer.alloc(20)], 'first'],
    ['text after a member whose header has further fields', [named(a), Buffer.from('junk')], 'first'],
  ])('a body in gzip is decompressed to the end of the data: %s', (_, parts, text) => {
    expect(unpackBody([Buffer.concat(parts)], 'gzip').toString()).toBe(text)
  })

  test.each([
    ['not gzip', Buffer.from('not gzip'), 'incorrect header check'],
    ['cut off', a.subarray(0, 14), 'unexpected end of file'],
    ['with a wrong checksum', Buffer.concat([a.subarray(0, -8), Buffer.from('checksum')]), 'incorrect data check'],
    ['with a wrong checksum and text', Buffer.concat([a.subarray(0, -8), Buffer.from('checksum, text')]), 'incorrect'],
    [
      '101 members and text',
      Buffer.concat([...Array<Buffer>(101).fill(a), Buffer.from('junk')]),
      /incorrect|unexpected/,
    ],
    ['too large', gzipSync(Buffer.alloc(65 * 1024 * 1024)), /^it is larger than 64 MiB when decompressed$/],
  ])('a body in gzip is refused if it is %s', (_, body, message) => {
    expect(() => unpackBody([body], 'gzip')).toThrow(message)
  })
})
