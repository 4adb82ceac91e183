import { expect, test } from 'vitest'
import { addPiece, ownBytes } from '../../../../../../functions/worker/engine/http/bodies/kept-pieces.ts'

test('small pieces of a body are joined, so that a body that arrives in pieces of one byte is stored in few objects', () => {
  const pieces: Buffer[] = []
  let small = 0
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, k) => k % 251))
  for (let at = 0; at < bytes.length; at++) small = addPiece(pieces, bytes.subarray(at, at + 1), small)
  expect(pieces.length).toBeLessThan(1_400)
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
})

test('large pieces of a body are not copied, and small pieces before and after a large piece are not joined', () => {
  const pieces: Buffer[] = []
  const large = Buffer.alloc(1024, 1)
  let small = 0
  for (let k = 0; k < 3_000; k++) small = addPiece(pieces, k % 2 === 0 ? large : Buffer.from('x'), small)
  expect(pieces).toHaveLength(3_000)
  expect(pieces[0]).toBe(large)
})

test('a small piece of a large buffer does not keep the large buffer in memory', () => {
  const read = Buffer.from(new ArrayBuffer(65_536))
  const piece = read.subarray(0, 1)
  expect(ownBytes(piece).buffer).not.toBe(read.buffer)
  expect(ownBytes(piece).equals(piece)).toBe(true)
  const most = read.subarray(0, 40_000)
  expect(ownBytes(most)).toBe(most)
})
