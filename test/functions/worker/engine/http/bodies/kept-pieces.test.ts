import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { addPiece, ownBytes } from '../../../../../../functions/worker/engine/http/bodies/kept-pieces.ts'
import { BodyError } from '../../../../../../functions/worker/engine/http/bodies/stream-source.ts'
import { unpackBody } from '../../../../../../functions/worker/engine/http/body.ts'
import { failureOf } from '../../../../../../functions/worker/engine/http/failure.ts'
import { SharedMemory } from '../../../../../../functions/worker/engine/http/shared-memory.ts'
import { BodyStream } from '../../../../../../functions/worker/engine/http/streams/body-stream.ts'
import { Turns } from '../../../../../../functions/worker/engine/health/loop-turns.ts'
import { ReadyQueue } from '../../../../../../functions/worker/engine/scheduling/ready-queue.ts'

test('small pieces of a body are joined, so that a body in pieces of one byte has few objects', () => {
  const pieces: Buffer[] = []
  let small = 0
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, k) => k % 251))
  for (let at = 0; at < bytes.length; at++) small = addPiece(pieces, bytes.subarray(at, at + 1), small)
  expect(pieces.length).toBeLessThan(1_400)
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
})

test('large pieces of a body are kept as they are, and end a series of small pieces', () => {
  const pieces: Buffer[] = []
  const large = Buffer.alloc(1024, 1)
  let small = 0
  for (let k = 0; k < 3_000; k++) small = addPiece(pieces, k % 2 === 0 ? large : Buffer.from('x'), small)
  expect(pieces).toHaveLength(3_000)
  expect(pieces[0]).toBe(large)
})

test('a small piece does not keep in memory the large buffer from which it was cut', () => {
  const read = Buffer.from(new ArrayBuffer(65_536))
  const piece = read.subarray(0, 1)
  expect(ownBytes(piece).buffer).not.toBe(read.buffer)
  expect(ownBytes(piece).equals(piece)).toBe(true)
  const most = read.subarray(0, 40_000)
  expect(ownBytes(most)).toBe(most)
})

test('a stream stops reading when its unread pieces need much memory, even if the pieces are small, and continues when the scenario reads them', async () => {
  const flow = { paused: 0, pause: () => void flow.paused++, resume: () => void flow.paused-- }
  const stream = new BodyStream({ ready: new ReadyQueue(new Turns()), heard: () => undefined }, 60_000, false)
  let sent = 0
  for (; flow.paused === 0 && sent < 300_000; sent++) stream.receive(Buffer.from('x'), flow, new SharedMemory())
  expect(sent).toBeLessThan(2_000)
  for (let read = 0; read < sent; read++) expect((await stream.next())?.bytes.byteLength).toBe(1)
  expect(flow.paused).toBe(0)
})

function openedStream(memory: SharedMemory) {
  const flow = { paused: 0, pause: () => void flow.paused++, resume: () => void flow.paused-- }
  const stream = new BodyStream({ ready: new ReadyQueue(new Turns()), heard: () => undefined }, 60_000, false)
  const receive = (times: number): void => {
    for (let k = 0; k < times; k++) stream.receive(Buffer.alloc(65_536), flow, memory)
  }
  return { flow, stream, receive }
}

test('the unread pieces of all streams take at most 128 MiB together; a stream beyond that stops reading until the scenario reads', async () => {
  const memory = new SharedMemory()
  const streams = Array.from({ length: 1_030 }, () => openedStream(memory))
  for (const { receive } of streams) receive(2)
  // 2,048 pieces of 64 KiB have 128 MiB, and each piece needs some more memory.
  const full = streams.filter(({ flow }) => flow.paused > 0)
  expect(full).toHaveLength(10)
  const last = full.at(-1) as ReturnType<typeof openedStream>
  await last.stream.next()
  expect(last.flow.paused).toBe(0)
  last.receive(1)
  expect(last.flow.paused).toBe(1)
})

test.each<[string, (stream: BodyStream) => void]>([
  ['has ended', (stream) => stream.end(null)],
  ['is broken off', (stream) => stream.breakOff(new Error('over'))],
  ['is no longer read', (stream) => stream.discard()],
])('a stream that %s releases the memory of its unread pieces once', async (_, over) => {
  const memory = new SharedMemory()
  const { stream, receive } = openedStream(memory)
  receive(3)
  await stream.next()
  over(stream)
  stream.end(null)
  stream.discard()
  expect(memory.keep(128 * 1024 * 1024)).toBe(true)
  expect(memory.keep(1)).toBe(false)
})

test('a body with more than five encodings is not unpacked, because each encoding may take as much time as a large body', () => {
  const encodings = (count: number): string => Array.from({ length: count }, () => 'identity').join(', ')
  expect(unpackBody([Buffer.from('ok')], encodings(5)).toString()).toBe('ok')
  expect(() => unpackBody([Buffer.from('ok')], encodings(6))).toThrow('it has 6 encodings, more than 5')
})

test.each<[string, unknown, string]>([
  ['an error', new Error('no more'), 'the body failed: no more'],
  ['undefined', undefined, 'the body failed: undefined'],
  [
    'an object without a prototype',
    Object.create(null),
    'the body failed: it threw a value that cannot be shown as text',
  ],
])(
  '%s that the body of the scenario throws is a failure of the kind expect, not of the generator',
  (_, thrown, message) => {
    expect(failureOf(new BodyError(thrown), { status: 0, firstByteMs: 0 })).toEqual({ kind: 'expect', message })
  },
)

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
