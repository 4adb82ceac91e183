import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Frame, FrameReader, prefaceBytes } from '../../../../../../functions/worker/engine/http/http2/frames.ts'

const frameArbitrary: fc.Arbitrary<Frame> = fc.record({
  length: fc.nat(300),
  type: fc.nat(10),
  flags: fc.nat(255),
  stream: fc.nat(2 ** 31 - 1),
})

function bytesOf({ length, type, flags, stream }: Frame): Buffer {
  const bytes = Buffer.alloc(9 + length, 0xff)
  bytes.writeUIntBE(length, 0, 3)
  bytes.writeUInt8(type, 3)
  bytes.writeUInt8(flags, 4)
  bytes.writeUInt32BE(stream, 5)
  return bytes
}

test('the parser finds each frame, however its bytes are split into chunks', () => {
  const input = fc.record({
    frames: fc.array(frameArbitrary, { maxLength: 8 }),
    step: fc.integer({ min: 1, max: 400 }),
  })
  fc.assert(
    fc.property(input, ({ frames, step }) => {
      const bytes = Buffer.concat([Buffer.alloc(prefaceBytes), ...frames.map(bytesOf)])
      const begun: Frame[] = []
      const ended: [Frame, number][] = []
      let at = 0
      const reader = new FrameReader(
        { begins: (frame) => begun.push(frame), ends: (frame) => ended.push([frame, at]) },
        prefaceBytes,
      )
      for (; at < bytes.length; at += step) reader.read(bytes.subarray(at, at + step))
      expect(begun).toEqual(frames)
      expect(ended.map(([frame]) => frame)).toEqual(frames)
      let end = prefaceBytes
      for (const [{ length }, chunkAt] of ended) {
        end += 9 + length
        expect(chunkAt).toBe(Math.floor((end - 1) / step) * step)
      }
    }),
  )
})
