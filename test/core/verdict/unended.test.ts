import { expect, test } from 'vitest'
import { unendedFindings, unendedNames } from '../../../core/verdict/unended.ts'
import { judgeRun } from '../../../core/verdict/verdict.ts'
import { mergeWindow } from '../../../core/window/merge-windows.ts'
import { type RequestCell, emptyRequestCell, emptyWindow } from '../../../core/window/window.ts'
import { good, threshold, work } from '../../fixtures/findings.ts'

/** Returns the counts of a name: the latencies of the requests that ended, and the times for which the interrupted requests were open. */
function cellOf(name: string, endedMs: readonly number[], openMs: readonly number[]): RequestCell {
  const cell = { ...emptyRequestCell('GET', name), requests: endedMs.length, interrupted: openMs.length }
  for (const ms of endedMs) cell.latency.recordMs(ms)
  for (const ms of openMs) cell.open.recordMs(ms)
  return cell
}

const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms)
/** The total time of ten users in a run of one minute, in milliseconds. */
const userMs = 600_000

test.for<[string, RequestCell, number | null, number]>([
  ['a target that stops answering', cellOf('/x', times(12, 12), times(4, 20_000)), userMs, 4],
  ['a request that was open for as long as the others took', cellOf('/x', times(3, 900), times(3, 1700)), userMs, 0],
  ['a request that was open for less than 1 s', cellOf('/x', times(3, 5), times(3, 950)), userMs, 0],
  ['a rare slow request', cellOf('/x', [...times(5000, 20), ...times(20, 2000)], times(16, 3900)), userMs, 0],
  [
    'one request in a thousand that never ended, for 1 % of the users’ time',
    cellOf('/x', times(4000, 20), times(3, 4000)),
    userMs,
    3,
  ],
  [
    'one request in a thousand that never ended, in a run with arrivals',
    cellOf('/x', times(4000, 20), times(3, 4000)),
    null,
    0,
  ],
  ['a name of which no request ended within 10 s', cellOf('/poll', [], times(2, 12_000)), userMs, 2],
  ['a name of which no request ended within 8 s', cellOf('/poll', [], times(2, 8000)), userMs, 0],
])('for %s, the number of unended requests is as expected', ([, cell, ofUsers, expected]) => {
  const found = unendedNames([cell], ofUsers)
  expect(found.reduce((sum, { unended }) => sum + unended, 0)).toBe(expected)
})

test('the name with the most unended requests comes first in the verdict, in whatever order windows are merged', () => {
  const windows = [
    cellOf('/x', times(12, 12), times(2, 20_000)),
    cellOf('/x', times(12, 11), times(3, 19_000)),
    cellOf('/poll', [], times(2, 12_000)),
  ].map((cell) => ({ ...emptyWindow(), requests: new Map([[`GET ${cell.name}`, cell]]) }))
  const sentences = [windows, windows.toReversed()].map((some) => {
    const all = emptyWindow()
    for (const one of some.keys()) mergeWindow(all, some[one] as (typeof some)[number])
    return unendedFindings(unendedNames(all.requests.values(), null)).map(({ sentence }) => sentence)
  })
  expect(sentences[0]).toEqual([
    'GET /x: burst cut off 5 of 29 requests (17.2 %), the longest after 20 s; the other requests took at most 12 ms. Percentiles and errors do not include these requests: set a shorter timeout for them, or run longer; names with the same problem: GET /poll',
  ])
  expect(sentences[1]).toEqual(sentences[0])
})

test('a run is inconclusive if the requests of one name never ended, even if its thresholds held; a run fails if none of its requests ended', () => {
  const unended = unendedNames([cellOf('/x', times(12, 12), times(4, 20_000))], userMs)
  const held = { ...good, thresholds: [threshold(true)] }
  expect(judgeRun({ ...held, unended })).toMatchObject({ result: 'inconclusive', exitCode: 0 })
  expect(judgeRun({ ...held, unended, failOnInconclusive: true })).toMatchObject({ exitCode: 96 })
  const none = judgeRun({ ...good, ...work({ requests: 0, interrupted: 4, usersStarted: 0 }), unended })
  expect(none.reasons).toEqual(['4 requests were sent, but none ended'])
})

test('requests that never ended are named, even if the run also recorded samples or steps', () => {
  const unended = unendedNames([cellOf('/x', [], times(50, 20_000))], userMs)
  for (const more of [{ recorded: 10 }, { steps: 3 }]) {
    const { result, reasons } = judgeRun({ ...good, ...work({ requests: 0, interrupted: 50, ...more }), unended })
    expect(result).toBe('inconclusive')
    expect(reasons[0]).toMatch(/^GET \/x: burst cut off 50 requests, the longest after 20 s/)
  }
})
