import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../../core/window/codec/compact-codec.ts'
import { fromBase64, toBase64 } from '../../../../core/input/base64.ts'
import {
  CompactHistogram,
  extentOf,
  joinedIn,
  placeCount,
  placeOf,
} from '../../../../core/window/histograms/compact.ts'

const us = fc.oneof(fc.nat(300), fc.nat(5_000_000), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const lists = fc.array(us, { maxLength: 200 })

function histogramOf(lengths: readonly number[]): CompactHistogram {
  const histogram = new CompactHistogram()
  for (const length of lengths) histogram.record(length)
  return histogram
}

function bytesOf(histogram: CompactHistogram): Uint8Array {
  const writer = new ByteWriter()
  writer.histogram(histogram)
  return writer.bytes
}

test('every duration lies within the bounds of its histogram bucket, whose width is at most 1/64 of the duration', () => {
  fc.assert(
    fc.property(us, (length) => {
      const { fromUs, widthUs } = extentOf(placeOf(length))
      expect(length).toBeGreaterThanOrEqual(fromUs)
      expect(length).toBeLessThan(fromUs + widthUs)
      expect(widthUs === 1 || widthUs <= fromUs / 64).toBe(true)
    }),
  )
  expect(placeOf(2 ** 32 - 1)).toBe(placeCount - 1)
})

test('there are no gaps between the buckets of a histogram', () => {
  for (let place = 1; place < placeCount; place++) {
    const before = extentOf(place - 1)
    expect(extentOf(place).fromUs).toBe(before.fromUs + before.widthUs)
  }
})

test('a percentile is within 0.8 % of the percentile of the sorted durations', () => {
  fc.assert(
    fc.property(
      lists.filter((list) => list.length > 0),
      fc.constantFrom(0, 50, 90, 95, 99, 99.9, 100),
      (list, wanted) => {
        const sorted = list.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(0, Math.ceil((wanted / 100) * list.length - 1e-9) - 1)] as number
        const read = (histogramOf(list).percentileMs(wanted) as number) * 1000
        expect(Math.abs(read - exact)).toBeLessThanOrEqual(Math.max(0.5, exact * 0.008))
      },
    ),
  )
  expect(new CompactHistogram().percentileMs(50)).toBeUndefined()
})

test('the sum of histograms, added in any order, has the same bytes as a histogram of all durations', () => {
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const [sum, other] = [histogramOf(a), histogramOf(b)]
      sum.add(other)
      expect(bytesOf(sum)).toEqual(bytesOf(histogramOf([...b, ...a])))
      expect(sum.count).toBe(a.length + b.length)
      expect(bytesOf(other)).toEqual(bytesOf(histogramOf(b)))
    }),
  )
})

test('a histogram is unchanged after encoding and decoding', () => {
  fc.assert(
    fc.property(lists, (list) => {
      const bytes = bytesOf(histogramOf(list))
      const reader = new ByteReader(fromBase64(toBase64(bytes)))
      expect(bytesOf(reader.histogram())).toEqual(bytes)
      expect(reader.done).toBe(true)
    }),
  )
})

test.each([
  [1, 0.008],
  [2, 0.024],
  [4, 0.04],
])(
  'if groups of %i neighbouring places are joined, a percentile is accurate to the fraction %f, and joinedIn returns the size of the groups',
  (factor, most) => {
    const lengths = Array.from({ length: 3000 }, (_, k) => 130 + 7 * k)
    const writer = new ByteWriter()
    writer.histogram(histogramOf(lengths), factor)
    const read = new ByteReader(writer.bytes).histogram()
    expect(joinedIn([read])).toBe(factor)
    for (let percentile = 1; percentile < 100; percentile++) {
      const exact = (lengths[30 * percentile - 1] as number) / 1000
      expect(Math.abs((read.percentileMs(percentile) as number) / exact - 1)).toBeLessThan(most)
    }
  },
)

test('joinedIn does not recognise joined places if the histograms have only a few places', () => {
  expect(joinedIn([histogramOf([50, 60]), histogramOf([1000, 2000, 1000])])).toBe(1)
  expect(joinedIn([])).toBe(1)
})

test('arbitrary bytes are either read as a histogram or refused, in bounded time and memory', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const read = (): number => new ByteReader(bytes).histogram().count
      try {
        expect(read()).toBeGreaterThanOrEqual(0)
      } catch (error) {
        // oxlint-disable-next-line vitest/no-conditional-expect -- one of the two holds
        expect(error).toBeInstanceOf(RangeError)
      }
    }),
  )
})

test('a whole number up to 2^53 − 1 is unchanged after encoding and decoding', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 53 - 1)), (numbers) => {
      const writer = new ByteWriter()
      for (const number of numbers) writer.number(number)
      const reader = new ByteReader(writer.bytes)
      expect(numbers.map(() => reader.number())).toEqual(numbers)
      expect(reader.done).toBe(true)
    }),
  )
})

test('a packed histogram behaves like an unpacked histogram in every later operation', () => {
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const [packed, plain, other] = [histogramOf(a), histogramOf(a), histogramOf(b)]
      packed.pack()
      other.pack()
      expect(bytesOf(packed)).toEqual(bytesOf(plain))
      packed.pack()
      packed.add(other)
      plain.add(histogramOf(b))
      packed.pack()
      expect([packed.count, packed.percentileMs(95)]).toEqual([plain.count, plain.percentileMs(95)])
    }),
  )
})
