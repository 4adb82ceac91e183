import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameCounter } from '../../../../../functions/worker/engine/websocket/frame-counter.ts'

/** The number of bytes that the counter adds for each frame and for each piece. */
const overhead = 256
const text = 0x1
const continuation = 0x0
const ping = 0x9

function frame(opcode: number, length: number, { last = true, masked = false } = {}): Buffer {
  const [first = 0, ...more] = sizeOf(length)
  const head = [opcode | (last ? 0x80 : 0), first | (masked ? 0x80 : 0), ...more]
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), Buffer.alloc(length, 0xff)])
}

function sizeOf(length: number): number[] {
  if (length < 126) return [length]
  const bytes = [length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff]
  return length < 2 ** 16 ? [126, ...bytes.slice(2)] : [127, 0, 0, 0, 0, ...bytes]
}

test.each([
  ['a complete message', [frame(text, 5)], 0],
  ['an empty message', [frame(text, 0)], 0],
  ['a part of a message', [frame(text, 70_000).subarray(0, 10 + 60_000)], 60_000 + 2 * overhead],
  ['a part of a masked message', [frame(text, 300, { masked: true }).subarray(0, 8 + 200)], 200 + 2 * overhead],
  ['a frame that is not the last of its message', [frame(text, 300, { last: false })], 300 + 2 * overhead],
  [
    'a control frame between the frames of a message',
    [frame(text, 7, { last: false }), frame(ping, 9)],
    7 + 3 * overhead,
  ],
  ['a control frame after a message', [frame(text, 7), frame(ping, 9)], 0],
  ['the end of a message', [frame(text, 7, { last: false }), frame(ping, 9), frame(continuation, 8)], 0],
  [
    'a part of the second of two messages',
    [Buffer.concat([frame(text, 7), frame(text, 9).subarray(0, 5)])],
    3 + 2 * overhead,
  ],
])('the memory of %s is counted', (_, pieces, bytes) => {
  const counter = new FrameCounter()
  expect(pieces.map((piece) => counter.read(piece)).at(-1)).toBe(bytes)
})

test('the counted memory is at least the number of received bytes of an incomplete message, and 0 after a complete message', () => {
  const length = fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(125, 126, 127, 65_535, 65_536))
  const messages = fc.array(fc.array(length, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
  const cuts = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1 })
  fc.assert(
    fc.property(messages, cuts, (given, sizes) => {
      const counter = new FrameCounter()
      for (const lengths of given) {
        const pieces = piecesOf(messageOf(lengths), sizes)
        const counts = pieces.map((piece) => counter.read(piece))
        expect(counts.at(-1)).toBe(0)
        let arrived = 0
        // A header has at most 10 bytes.
        const missing = counts
          .slice(0, -1)
          .filter((count, k) => count < (arrived += pieces[k]?.length ?? 0) - 10 * lengths.length)
        expect(missing).toEqual([])
      }
    }),
  )
})

function messageOf(lengths: readonly number[]): Buffer {
  const last = lengths.length - 1
  return Buffer.concat(lengths.map((length, k) => frame(k === 0 ? text : continuation, length, { last: k === last })))
}

function piecesOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieces.at(-1)?.length ?? 0)
    pieces.push(bytes.subarray(at, at + (sizes[pieces.length % sizes.length] ?? 1)))
  return pieces
}
