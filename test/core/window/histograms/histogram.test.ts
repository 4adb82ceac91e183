import { deflateSync, inflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { Distribution } from '../../../../core/window/histograms/distribution.ts'
import {
  type EncodedDistribution,
  decodeDistribution,
  encodeDistribution,
  histogramText,
} from '../../../../core/window/histograms/histogram.ts'
import { distributionOf, figuresOf } from '../../../fixtures/windows.ts'

const lengths = fc.array(fc.oneof(fc.nat(300), fc.nat(4_000_000)), { minLength: 1, maxLength: 40 })

function encoded(distribution: Distribution): EncodedDistribution {
  const text = encodeDistribution(distribution)
  if (!text) throw new Error('it is empty')
  return text
}

test('the encoded string has the standard compressed format HdrHistogram V2, which other decoders can read', () => {
  const { h } = encoded(distributionOf([5, 5, 20, 200]))
  expect(h).toMatch(/^HISTFAAA/)
  const bytes = Buffer.from(h, 'base64')
  expect(bytes.readUInt32BE(0).toString(16)).toBe('1c849314')
  expect(bytes.readUInt32BE(4)).toBe(bytes.length - 8)
  const payload = inflateSync(bytes.subarray(8))
  expect(payload.readUInt32BE(0).toString(16)).toBe('1c849313')
  expect(payload.readUInt32BE(12)).toBe(3)
  const standard = decodeFromCompressedBase64(h)
  expect(standard.totalCount).toBe(4)
  expect(standard.getValueAtPercentile(50)).toBeGreaterThanOrEqual(5000)
  expect(standard.getValueAtPercentile(50)).toBeLessThan(5010)
})

test('a decoded distribution equals the original, and values that are added later are counted exactly', () => {
  fc.assert(
    fc.property(lengths, lengths, (first, then) => {
      const back = decodeDistribution(encoded(distributionOf(first)))
      expect(figuresOf(back)).toEqual(figuresOf(distributionOf(first)))
      for (const ms of then) back.recordMs(ms)
      back.add(decodeDistribution(encoded(distributionOf(then))))
      expect(encoded(back)).toEqual(encoded(distributionOf([...first, ...then, ...then])))
    }),
  )
})

test('equal values are encoded to the same string, in whatever order they were added', () => {
  fc.assert(
    fc.property(lengths, lengths, (a, b) => {
      const [ab, ba] = [distributionOf(a), distributionOf(b)]
      ab.add(distributionOf(b))
      ba.add(distributionOf(a))
      expect(histogramText(ab)).toBe(histogramText(ba))
      expect(histogramText(ab)).toBe(histogramText(distributionOf([...b, ...a])))
    }),
  )
})

test('if values are recorded after a histogram was encoded, the next encoded string includes these values', () => {
  const distribution = distributionOf([1])
  const before = histogramText(distribution)
  distribution.recordMs(3_000_000)
  expect(histogramText(distribution)).not.toBe(before)
  expect(decodeDistribution(encoded(distribution)).count).toBe(2)
})

test('an encoded window omits empty distributions, and these distributions are empty after decoding', () => {
  expect(encodeDistribution(new Distribution())).toBeUndefined()
  expect(histogramText(new Distribution())).toBe('')
  expect(decodeDistribution({ n: 0, sum: 0, min: 0, max: 0, h: '' }).count).toBe(0)
})

test('a duration above one hour counts as one hour, before and after encoding', () => {
  const back = decodeDistribution(encoded(distributionOf([9e9, 0, -5])))
  expect(back).toMatchObject({ count: 3, minUs: 0, maxUs: 3_600_000_000 })
})

test('an encoded distribution is refused if its count, sum, minimum and maximum contradict its histogram or each other', () => {
  const good = encoded(distributionOf([5, 20]))
  expect(() => decodeDistribution({ ...good, n: 3, sum: 45_000 })).toThrow(
    'the bins should contain 3 values, but contain 2',
  )
  expect(() => decodeDistribution({ ...good, min: 6000 })).toThrow('the bins contradict the minimum or the maximum')
  expect(() => decodeDistribution({ ...good, max: 21_000 })).toThrow('the bins contradict the minimum or the maximum')
  expect(() => decodeDistribution({ ...good, sum: 1 })).toThrow('contradict')
  expect(() => decodeDistribution({ ...good, min: 30_000 })).toThrow('contradict')
  expect(() => decodeDistribution({ ...good, n: 0, sum: 0 })).toThrow('contradict')
})

/** Returns an encoded histogram in which the given header fields and the given payload replace the standard values. */
function forged(parts: { digits?: number; highest?: bigint; length?: number; payload?: number[] }): string {
  const payload = Buffer.from(parts.payload ?? [2])
  const header = Buffer.alloc(40)
  header.writeUInt32BE(0x1c849313, 0)
  header.writeUInt32BE(parts.length ?? payload.length, 4)
  header.writeUInt32BE(parts.digits ?? 3, 12)
  header.writeBigUInt64BE(1n, 16)
  header.writeBigUInt64BE(parts.highest ?? 2047n, 24)
  const deflated = deflateSync(Buffer.concat([header, payload]))
  const front = Buffer.alloc(8)
  front.writeUInt32BE(0x1c849314, 0)
  front.writeUInt32BE(deflated.length, 4)
  return Buffer.concat([front, deflated]).toString('base64')
}

test.each([
  ['a string that is not base64', '%%%', 'not a compressed HdrHistogram'],
  ['random bytes', 'AAAAAAAAAAAAAAAA', 'not a compressed HdrHistogram'],
  ['a string that is too long', 'A'.repeat(200_000), 'too long'],
  ['an empty text', '', 'not a compressed HdrHistogram'],
  ['a precision of five digits', forged({ digits: 5 }), 'settings that burst does not use'],
  ['a range that would need gigabytes of memory', forged({ highest: 2n ** 60n }), 'settings that burst does not use'],
  ['a length that would take minutes to read', forged({ length: 2 ** 31 }), 'the length in the header is wrong'],
  ['a run of 2^40 zeros', forged({ payload: [0xff, 0xff, 0xff, 0xff, 0xff, 0x3f] }), 'too many bins'],
  ['a truncated number', forged({ payload: [0x80] }), 'cut short'],
  [
    'a count above 2^53',
    forged({ payload: [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f] }),
    'not a compressed',
  ],
])('the decoder of histograms refuses %s', (_what, h, message) => {
  expect(() => decodeDistribution({ n: 1, sum: 0, min: 0, max: 0, h })).toThrow(message)
})

test('the histogram is valid before these tests corrupt it', () => {
  expect(decodeDistribution({ n: 1, sum: 0, min: 0, max: 0, h: forged({}) }).count).toBe(1)
})
