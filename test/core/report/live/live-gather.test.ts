import { expect, test } from 'vitest'
import { LiveGathering, type Piece } from '../../../../core/report/live/live-gather.ts'
import { otherNames, sectionCaps } from '../../../../core/window/window.ts'
import { cellOf, intervalOf } from '../../../fixtures/run.ts'

/**
 * Two windows share some names. Together, the two windows have more than `sectionCaps.names` names. In each window, one row counts the names that the
 * worker did not list.
 */
const [inEach, firsts] = [540, [0, 480]]

function pieces(): Piece[] {
  return firsts.map((first, window) => {
    const names = Array.from({ length: inEach }, (_, k) => cellOf('GET', `/item/${first + k}`, [first + k + 1]))
    const cells = [...names, cellOf('*', otherNames, [7, 7])]
    return { shard: 0, window, content: intervalOf({ second: window * 5, cells }) }
  })
}

/** Returns the number of requests of each name: `rows` has the number in the totals, and `series` has the sum of the numbers in the buckets. */
function known(gathering: LiveGathering, open: readonly Piece[]) {
  const gathered = gathering.with(open)
  const { totals, buckets } = gathered
  const series = new Map<string, number>()
  for (const [key, counted] of [...buckets.names, ...gathered.open.names])
    for (const { requests } of counted.values()) series.set(key, (series.get(key) ?? 0) + requests)
  const rows = [...totals.requests.values()].map(({ method, name, requests }) => {
    return [name === otherNames ? otherNames : `${method} ${name}`, requests] as const
  })
  return { rows: new Map(rows), series, inMemory: Math.max(buckets.names.size, gathered.open.names.size) }
}

test('with more than 1,000 names, one row counts all names above the limit, and the rows do not depend on the order of the windows', () => {
  const readings = [[], [1], [1, 0]].map((sealed) => {
    const gathering = new LiveGathering(5000, 60)
    const all = pieces()
    for (const k of sealed) gathering.seal(all[k] as Piece)
    return known(
      gathering,
      all.filter((_, k) => !sealed.includes(k)),
    )
  })
  for (const { rows, series, inMemory } of readings) {
    expect(rows.size).toBe(sectionCaps.names + 1)
    expect(inMemory).toBeLessThanOrEqual(sectionCaps.names + 1)
    expect(rows).toEqual(readings[0]?.rows)
    expect(series).toEqual(rows)
    expect(rows.get(otherNames)).toBeGreaterThan(4)
    expect([...rows.values()].reduce((sum, requests) => sum + requests, 0)).toBe(2 * (inEach + 2))
  }
})
