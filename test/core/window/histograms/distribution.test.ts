import * as fc from 'fast-check'
import { build } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { Distribution, hdrExtentOf, hdrPlaceOf, longestUs } from '../../../../core/window/histograms/distribution.ts'

const us = fc.oneof(fc.nat(3_000), fc.nat(5_000_000), fc.integer({ min: 0, max: longestUs }))
const lists = fc.array(us, { minLength: 1, maxLength: 200 })
const percentiles = fc.oneof(
  fc.constantFrom(0, 50, 90, 95, 99, 99.9, 99.99, 100),
  fc.double({ min: 0, max: 100, noNaN: true }),
)

function distributionOf(list: readonly number[]): Distribution {
  const distribution = new Distribution()
  for (const one of list) distribution.recordMs(one / 1000)
  return distribution
}

test('a percentile is within 0.1 % of the percentile of the sorted durations, and between the least and the greatest duration', () => {
  fc.assert(
    fc.property(lists, percentiles, (list, wanted) => {
      const sorted = list.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(0, Math.ceil((wanted / 100) * list.length - 1e-9) - 1)] as number
      const read = Math.round((distributionOf(list).percentileMs(wanted) as number) * 1000)
      expect(Math.abs(read - exact)).toBeLessThanOrEqual(exact * 0.001)
      expect(read).toBeGreaterThanOrEqual(sorted[0] as number)
      expect(read).toBeLessThanOrEqual(sorted.at(-1) as number)
    }),
  )
})

test('a percentile equals the percentile of HdrHistogram, but stays between the least and the greatest duration', () => {
  fc.assert(
    fc.property(lists, fc.constantFrom(50, 90, 95, 99, 99.9, 100), (list, wanted) => {
      const standard = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3, autoResize: true })
      for (const one of list) standard.recordValue(one)
      const theirs = Math.min(standard.getValueAtPercentile(wanted), Math.max(...list))
      expect((distributionOf(list).percentileMs(wanted) as number) * 1000).toBeCloseTo(
        Math.max(theirs, Math.min(...list)),
        3,
      )
    }),
  )
})

test.for([
  { percentile: 7, count: 100, value: 7 },
  { percentile: 29, count: 100, value: 29 },
  { percentile: 57, count: 100, value: 57 },
  { percentile: 95, count: 20, value: 19 },
  { percentile: 99.9, count: 1_000, value: 999 },
  { percentile: 99.9, count: 2_000, value: 1_998 },
  { percentile: 50, count: 3, value: 2 },
  { percentile: 50.1, count: 1_000, value: 501 },
  { percentile: 0, count: 10, value: 1 },
  { percentile: 100, count: 10, value: 10 },
])(
  'percentile $percentile of the values 1 µs to $count µs is $value µs: the rank has no rounding error',
  ({ percentile, count, value }) => {
    const list = Array.from({ length: count }, (_, k) => k + 1)
    expect((distributionOf(list).percentileMs(percentile) as number) * 1000).toBeCloseTo(value, 6)
  },
)

test('count, sum, mean, minimum and maximum are exact, even after distributions are added', () => {
  fc.assert(
    fc.property(lists, lists, (first, second) => {
      const sum = distributionOf(first)
      sum.add(distributionOf(second))
      sum.add(new Distribution())
      const all = [...first, ...second]
      const sumUs = all.reduce((total, one) => total + one, 0)
      expect(sum).toMatchObject({ count: all.length, sumUs, minUs: Math.min(...all), maxUs: Math.max(...all) })
      expect(sum.meanMs).toBeCloseTo(sumUs / all.length / 1000, 6)
    }),
  )
})

test('a percentile of added distributions is the percentile of all their durations, whether their counts are packed or not', () => {
  const packings = fc.constantFrom([false, false], [true, false], [false, true], [true, true])
  fc.assert(
    fc.property(lists, lists, packings, percentiles, (first, second, [packsFirst, packsSecond], wanted) => {
      const [sum, other] = [distributionOf(first), distributionOf(second)]
      if (packsFirst) sum.pack()
      if (packsSecond) other.pack()
      sum.add(other)
      const all = distributionOf([...first, ...second])
      expect(sum.percentileMs(wanted)).toBe(all.percentileMs(wanted))
      expect(placesOf(sum)).toEqual(placesOf(all))
      expect(placesOf(other)).toEqual(placesOf(distributionOf(second)))
    }),
  )
})

function placesOf(distribution: Distribution): [number, number][] {
  const places: [number, number][] = []
  distribution.eachPlace((place, count) => places.push([place, count]))
  return places
}

test('a count above 2^32 is exact', () => {
  const distribution = distributionOf([5])
  distribution.put(hdrPlaceOf(5), 2 ** 32 - 1)
  distribution.put(hdrPlaceOf(5), 2)
  const packed = distributionOf([9])
  packed.pack()
  packed.add(distribution)
  expect(placesOf(distribution)).toEqual([[5, 2 ** 32 + 2]])
  expect(placesOf(packed)).toEqual([
    [5, 2 ** 32 + 2],
    [9, 1],
  ])
})

test('a distribution without a duration has no percentile and no mean', () => {
  const empty = new Distribution()
  expect([empty.percentileMs(50), empty.meanMs, empty.count]).toEqual([undefined, undefined, 0])
})

test('a negative duration counts as 0, a duration above one hour counts as one hour, and NaN is refused', () => {
  const distribution = new Distribution()
  for (const ms of [-5, 9e9]) distribution.recordMs(ms)
  expect(distribution).toMatchObject({ count: 2, minUs: 0, maxUs: longestUs, sumUs: longestUs })
  expect(() => distribution.recordMs(Number.NaN)).toThrow('a duration is not a number')
  expect(distribution.count).toBe(2)
})

test('each duration lies within its bucket, whose width is at most 1/1,024 of the duration', () => {
  fc.assert(
    fc.property(us, (one) => {
      const { fromUs, widthUs } = hdrExtentOf(hdrPlaceOf(one))
      expect(one).toBeGreaterThanOrEqual(fromUs)
      expect(one).toBeLessThan(fromUs + widthUs)
      expect(widthUs === 1 || widthUs <= fromUs / 1024).toBe(true)
    }),
  )
})
