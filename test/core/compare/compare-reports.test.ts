import { describe, expect, test } from 'vitest'
import { type Compared, type ComparedRow, type Comparison, compareRuns } from '../../../core/compare/compare-reports.ts'
import type { ComparedRun } from '../../../core/compare/paired-rows.ts'
import { ByteReader, ByteWriter } from '../../../core/window/codec/compact-codec.ts'
import type { BucketedRequests } from '../../../core/window/histograms/compact.ts'
import { type RunShape, comparedRun } from '../../fixtures/reports/compared-run.ts'

const rowOf = (comparison: Comparison, name: string): ComparedRow => {
  const row = comparison.rows.find((one) => one.name === name)
  if (!row) throw new Error(`there is no row ${name}`)
  return row
}

const opposite = { higher: 'lower', lower: 'higher', none: 'none' } as const

/** Returns the expected row after the two runs are swapped. */
function mirrored({ name, measures: figures }: ComparedRow): unknown {
  const turned = Object.entries(figures).map(([measure, one]) => {
    const { older, newer, difference, interval, change } = one
    const figure: Compared = {
      ...one,
      older: newer,
      newer: older,
      difference: difference === null ? null : 0 - difference,
      interval: interval && [0 - interval[1], 0 - interval[0]],
      change: change && opposite[change],
    }
    return [measure, figure] as const
  })
  return { name, figures: Object.fromEntries(turned) }
}

/**
 * Returns the run with coarse series: every four neighbouring places of each latency histogram are joined, as in a report whose series would
 * otherwise exceed 8 MB.
 */
function coarse({ report, series }: ComparedRun): ComparedRun {
  const joined = (buckets: BucketedRequests): BucketedRequests =>
    new Map(
      [...buckets].map(([at, counted]) => {
        const writer = new ByteWriter()
        writer.histogram(counted.latency, 4)
        return [at, { ...counted, latency: new ByteReader(writer.bytes).histogram() }]
      }),
    )
  return { report, series: { ...series, all: joined(series.all), names: series.names.map(joined) } }
}

const shapes: Omit<RunShape, 'seed'>[] = [
  { seconds: 60, memory: 0 },
  { seconds: 100, memory: 0.5 },
  { seconds: 20, memory: 0 },
  { seconds: 180, memory: 0.6 },
]

describe('a comparison of two runs', () => {
  test('if two runs differ only by chance, about 5 % of the values show a change, but burst is rarely sure about a change', () => {
    const pairs = 100
    let [judged, changed, sure] = [0, 0, 0]
    for (let k = 0; k < pairs; k++) {
      const shape = { ...shapes[k % shapes.length], names: [{ name: '/a', failing: 0.03 }] }
      const comparison = compareRuns(comparedRun({ ...shape, seed: 2 * k }), comparedRun({ ...shape, seed: 2 * k + 1 }))
      const figures = Object.values(rowOf(comparison, '/a').measures).filter(({ change }) => change !== null)
      judged += figures.length
      changed += figures.filter(({ change }) => change !== 'none').length
      if (figures.some((figure) => figure.sure)) sure++
    }
    expect(judged).toBeGreaterThan(400)
    expect(changed / judged).toBeGreaterThan(0.02)
    expect(changed / judged).toBeLessThan(0.085)
    expect(sure / pairs).toBeLessThan(0.07)
  })

  test('the comparison finds the name that is 20 % slower, and the name that fails more often', () => {
    for (let seed = 0; seed < 10; seed++) {
      const steady = { name: '/steady', failing: 0.01 }
      const older = comparedRun({ seed, names: [steady, { name: '/slow' }, { name: '/broken', failing: 0.01 }] })
      const newer = comparedRun({
        seed: seed + 100,
        names: [steady, { name: '/slow', typicalMs: 60 }, { name: '/broken', failing: 0.08 }],
      })
      const comparison = compareRuns(older, newer)
      const { p50Ms } = rowOf(comparison, '/slow').measures
      expect(p50Ms).toMatchObject({ change: 'higher', sure: true, unjudged: null })
      expect(Number(p50Ms.newer) / Number(p50Ms.older)).toBeCloseTo(1.2, 0.7)
      expect(rowOf(comparison, '/broken').measures.failureShare).toMatchObject({ change: 'higher', sure: true })
      expect(Object.values(rowOf(comparison, '/steady').measures).filter(({ sure }) => sure)).toEqual([])
    }
  })

  test('a repeated comparison has the same result, and a comparison with swapped runs has the opposite signs', () => {
    for (let seed = 0; seed < 10; seed++) {
      const names = [
        { name: '/a', failing: 0.02 },
        { name: '/b', perSecond: 2 },
      ]
      const [older, newer] = [comparedRun({ seed, names, seconds: 45 }), comparedRun({ seed: seed + 50, names })]
      const [forth, back] = [compareRuns(older, newer), compareRuns(newer, older)]
      expect(compareRuns(older, newer)).toEqual(forth)
      expect(back.rows.map(mirrored)).toEqual(forth.rows.map(({ name, measures: figures }) => ({ name, figures })))
    }
  })

  test('a difference of latencies that is below the resolution of coarse series is not a change, even if fine series show a change', () => {
    const run = (seed: number, typicalMs: number): ComparedRun =>
      comparedRun({ seed, seconds: 600, memory: 0, names: [{ name: '/a', typicalMs }] })
    const [older, newer] = [run(1, 50), run(2, 52.5)]
    const p50Of = (a: ComparedRun, b: ComparedRun): Compared => rowOf(compareRuns(a, b), '/a').measures.p50Ms
    expect(p50Of(older, newer)).toMatchObject({ change: 'higher', sure: true })
    for (const [a, b] of [
      [coarse(older), newer],
      [older, coarse(newer)],
    ] as const)
      expect(p50Of(a, b)).toMatchObject({ change: 'none', sure: false, unjudged: null })
  })

  test('a comparison of a run with itself finds no difference', () => {
    const run = comparedRun({ seed: 7, names: [{ name: '/a', failing: 0.02 }] })
    const comparison = compareRuns(run, run)
    expect(comparison.sameRun).toBe(true)
    for (const { measures: figures } of comparison.rows)
      for (const figure of Object.values(figures))
        expect(figure).toMatchObject({ difference: 0, change: 'none', sure: false })
  })

  test('when both runs have a plateau, only the plateaus are compared, and the result names the compared time span', () => {
    const names = [{ name: '/a' }]
    const [ramped, flat] = [comparedRun({ seed: 1, ramp: 20, seconds: 100, names }), comparedRun({ seed: 2, names })]
    expect(compareRuns(ramped, flat).span).toEqual({
      of: 'plateau',
      older: { fromS: 20, toS: 80 },
      newer: { fromS: 0, toS: 120 },
    })
    const peaked = comparedRun({ seed: 3, ramp: 48, seconds: 100, names })
    expect(compareRuns(peaked, flat).span).toEqual({
      of: 'whole',
      older: { fromS: 0, toS: 100 },
      newer: { fromS: 0, toS: 120 },
    })
  })

  test('the comparison lists the names that occur in only one of the two runs', () => {
    const older = comparedRun({ seed: 1, names: [{ name: '/a' }, { name: '/gone' }] })
    const newer = comparedRun({ seed: 2, names: [{ name: '/new' }, { name: '/a' }] })
    const { rows } = compareRuns(older, newer)
    expect(rows.map((row) => [row.name, row.in])).toEqual([
      ['', 'both'],
      ['/new', 'newer'],
      ['/a', 'both'],
      ['/gone', 'older'],
    ])
    expect(rows[1]?.measures.p95Ms).toMatchObject({ older: null, difference: null, unjudged: 'only in the new run' })
    expect(rows[3]?.measures.p95Ms).toMatchObject({ newer: null, change: null, unjudged: 'only in the old run' })
    expect(rows[3]?.measures.p95Ms.older).toBeGreaterThan(50)
  })

  test('values from few requests or from a short time are not judged, and the comparison gives the reason', () => {
    const names = [{ name: '/rare', perSecond: 1 }]
    const few = compareRuns(comparedRun({ seed: 1, names, seconds: 60 }), comparedRun({ seed: 2, names, seconds: 60 }))
    const { p50Ms, p99Ms } = rowOf(few, '/rare').measures
    expect(p50Ms.unjudged).toBeNull()
    expect(p99Ms).toMatchObject({ change: null, interval: null })
    expect(p99Ms.unjudged).toMatch(/^too few requests \(\d+; 1,000 are needed\)$/)
    const short = compareRuns(comparedRun({ seed: 1, seconds: 6 }), comparedRun({ seed: 2, seconds: 60 }))
    expect(short.judged).toBe(0)
    expect(rowOf(short, '/a').measures.p50Ms.unjudged).toBe(
      'too short (only 6 of the compared intervals have requests; 10 are needed)',
    )
  })
})
