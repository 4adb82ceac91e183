import { expect, test } from 'vitest'
import { type Evidence, judgeCompleteness } from '../../../../core/verdict/completeness/completeness.ts'
import { fleetAt } from '../../../../core/fleet/fleet.ts'
import { causeOfLoss } from '../../../../core/verdict/completeness/loss.ts'
import { slicesOf } from '../../../../core/plan/plan.ts'
import { addTotals, totalsOf } from '../../../../core/window/totals.ts'
import { mergeMessage } from '../../../../core/shard/shard-merge.ts'
import { type ShardLedgers, newShardState } from '../../../../core/shard/shard.ts'
import { type WindowMessage, zeroTotals } from '../../../../core/window/message.ts'
import { cellOf, intervalOf, messagesOf, planOf, startAt as startedAt } from '../../../fixtures/run.ts'

/** Returns twelve windows of one worker, with two requests in each window. */
function twelve(slice: number, attempt = 0): WindowMessage[] {
  const contents = Array.from({ length: 12 }, (_, window) => {
    return {
      window,
      content: intervalOf({ slice, attempt, second: window * 5, cells: [cellOf('GET', '/', [10, 20])] }),
    }
  })
  return messagesOf(contents, slice, attempt)
}

function evidenceOf(messages: readonly WindowMessage[], changes: Partial<Evidence> = {}): Evidence {
  const shard = newShardState('r1', 0)
  for (const message of messages) mergeMessage(shard, message)
  const tally = [...shard.open.values()].reduce((sum, window) => addTotals(sum, totalsOf(window)), zeroTotals)
  const tallies = new Map([[0, tally]])
  return {
    slices: fleetAt(planOf()).slices,
    windowMs: planOf().windowMs,
    shards: [shard],
    workers: [...shard.attempts.values()].map(({ slice, attempt }) => ({ slice, attempt, activeFromMs: 0 })),
    tallies,
    failed: [],
    unread: [],
    late: 0,
    unreadable: 0,
    windows: 12,
    startedAt,
    ...changes,
  }
}

const lostOf = (evidence: Evidence): string[] => judgeCompleteness(evidence).lost

test('a run is complete when every message of every slice was merged at least once', () => {
  const messages = [...twelve(0), ...twelve(1)]
  expect(judgeCompleteness(evidenceOf([...messages, ...messages.slice(0, 3)], { late: 2, unreadable: 1 }))).toEqual({
    complete: true,
    slicesExpected: 2,
    slicesReported: 2,
    windowsExpected: 24,
    windowsMerged: 24,
    duplicatesDropped: 3,
    late: 2,
    unreadable: 1,
    lost: [],
  })
})

test('the report names a slice that never reported, and gives the reason if the reason is known', () => {
  const report = judgeCompleteness(evidenceOf(twelve(0)))
  expect(report).toMatchObject({ complete: false, slicesReported: 1, windowsExpected: 24, windowsMerged: 12 })
  expect(report.lost).toEqual(['worker 1 reported nothing'])
  const failed = [{ slice: 1, attempt: 0, error: 'out of memory' }]
  expect(lostOf(evidenceOf(twelve(0), { failed }))).toEqual(['worker 1 ran out of memory before it reported anything'])
})

test('the report names missing messages and the time that these messages cover', () => {
  const messages = [...twelve(0).filter(({ sequence }) => sequence < 4 || sequence > 6), ...twelve(1)]
  const report = judgeCompleteness(evidenceOf(messages))
  expect(report).toMatchObject({ complete: false, windowsExpected: 24, windowsMerged: 21 })
  expect(report.lost).toEqual(['worker 0 has messages 4–6 missing (00:20–00:35)'])
  const one = [...twelve(0).filter(({ sequence }) => sequence !== 3), ...twelve(1)]
  expect(lostOf(evidenceOf(one))).toEqual(['worker 0 has message 3 missing (00:15–00:20)'])
})

test('the report names a worker that stopped sending messages', () => {
  const failed = [{ slice: 1, attempt: 0, error: 'its process was killed by SIGKILL' }]
  expect(lostOf(evidenceOf([...twelve(0), ...twelve(1).slice(0, 7)], { failed }))).toEqual([
    'worker 1 was killed (out of memory or killed from outside); last message at 00:35',
  ])
})

test('the reason why a worker gave up is reported, even if all of its counts arrived', () => {
  const messages = twelve(1)
  Object.assign(messages[11] as WindowMessage, { failure: 'the engine did not answer' })
  expect(lostOf(evidenceOf([...twelve(0), ...messages]))).toEqual(['worker 1 gave up: the engine did not answer'])
})

test('a slice with two attempts is complete when both attempts are complete', () => {
  const [first, second] = [twelve(1), twelve(1, 1)]
  expect(lostOf(evidenceOf([...twelve(0), ...first, ...second]))).toEqual([])
  expect(lostOf(evidenceOf([...twelve(0), ...first.slice(0, 1), ...second]))).toEqual([
    'worker 1 stopped reporting early; last message at 00:05; its later work is not counted; attempt 1 took over',
  ])
  const failed = [{ slice: 1, attempt: 0, error: 'its process was killed by SIGKILL' }]
  expect(lostOf(evidenceOf([...twelve(0), ...second], { failed }))).toEqual([
    'worker 1 was killed (out of memory or killed from outside) before it reported anything',
  ])
})

test('for a lost worker, the report says whether the next worker was its replacement, took over in a hand-over, or had no users', () => {
  const messages = [...twelve(0), ...twelve(1).slice(0, 1), ...twelve(1, 1)]
  const nextOf = (changes: Partial<Evidence>): string | undefined =>
    lostOf(evidenceOf(messages, changes))[0]?.split(' is not counted; ')[1]
  const floorAt = (attempt: number) =>
    fleetAt(planOf()).slices.map((one) => ({ ...one, floor: { attempt, sinceMs: 0 } }))
  expect(nextOf({ slices: floorAt(1) })).toBe('attempt 1 continued')
  expect(nextOf({ slices: floorAt(0) })).toBe('attempt 1 took over')
  const idle = [{ slice: 1, attempt: 1, activeFromMs: null }]
  expect(nextOf({ slices: floorAt(0), workers: idle })).toBe('attempt 1 had no users')
})

test('the merged counts must equal the totals that the worker reports', () => {
  const messages = twelve(1)
  const last = messages[11] as WindowMessage
  last.totals = { ...last.totals, requests: 1204 }
  expect(lostOf(evidenceOf([...twelve(0), ...messages]))).toEqual([
    'worker 1 counted 1,204 requests, but 24 were merged',
  ])
})

test('the windows must add up to the merged counts, including every value of a histogram', () => {
  const messages = [...twelve(0), ...twelve(1)]
  const tally = { requests: 48, failures: 0, exchanges: 48, interrupted: 0, latencies: 47, intents: 48 }
  expect(lostOf(evidenceOf(messages, { tallies: new Map([[0, tally]]) }))).toEqual([
    'workers 0, 1: 48 measured latencies were merged, but the windows contain 47',
  ])
  expect(lostOf(evidenceOf(messages, { tallies: new Map() }))).toEqual([
    'workers 0, 1: 48 requests were merged, but the windows contain 0',
  ])
})

test('the ledgers must add up to the merged counts, so burst notices the loss of an archive', () => {
  const both = evidenceOf([...twelve(0), ...twelve(1)])
  const [shard] = both.shards as [ShardLedgers]
  const attempts = new Map([...shard.attempts].filter(([, { slice }]) => slice === 0))
  const { tallies } = evidenceOf(twelve(0))
  const lacking = (changes: Partial<Evidence>, isPartial = false): string[] =>
    lostOf({ ...both, slices: both.slices.slice(0, 1), shards: [{ ...shard, attempts, isPartial }], ...changes })
  expect(lacking({ tallies })).toEqual([
    'worker 0: 48 requests were merged, but the ledgers of the attempts contain 24 and the windows contain 24',
  ])
  expect(lacking({})).toEqual([
    'worker 0: 48 requests were merged, but the ledgers of the attempts contain 24 and the windows contain 48',
  ])
  const unread = ['runs/r1/windows/0/archive-1 is gone']
  expect(lacking({ tallies, unread }, true)).toEqual(unread)
})

test('unreadable data is listed first', () => {
  const evidence = evidenceOf([...twelve(0), ...twelve(1)], {
    unread: ['shard 1 could not be read: it is not valid JSON'],
  })
  expect(judgeCompleteness(evidence)).toMatchObject({ complete: false, lost: evidence.unread })
})

test('workers that were lost in the same way share one line, with the times of their last messages', () => {
  const { slices } = fleetAt(planOf({ slices: slicesOf(40, 40) }))
  const silent = Array.from({ length: 37 }, (_, k) => k + 3)
  const error = 'RequestId: 7a0f2c1e-4b7e-4f0e-9d0a-0f3f3f6b2c11 Error: Runtime exited with error: signal: killed'
  const messages = [...twelve(0), ...twelve(1).slice(0, 3), ...twelve(2).slice(0, 4)]
  const failed = [1, 2, ...silent].map((slice) => ({ slice, attempt: 0, error }))
  const lost = lostOf(evidenceOf(messages, { slices, failed }))
  expect(lost).toEqual([
    'workers 3, 4, 5, 6, 7 and 32 more were killed (out of memory or killed from outside) before they reported anything',
    'workers 1, 2 were killed (out of memory or killed from outside); last message between 00:15 and 00:20',
  ])
  expect(lost.join('\n')).not.toContain('RequestId')
})

test.for([
  [
    'RequestId: 7a0f Error: Runtime exited with error: signal: killed',
    'it was killed (out of memory or killed from outside)',
  ],
  ['its process was killed by SIGKILL', 'it was killed (out of memory or killed from outside)'],
  ['its process was killed by SIGTERM', 'it was ended by a signal (SIGTERM)'],
  [
    'RequestId: 7a0f Error: Runtime exited with error: exit status 137',
    'it was killed (out of memory or killed from outside)',
  ],
  [
    'RequestId: 7a0f Error: Runtime exited with error: signal: segmentation fault (core dumped)',
    'it was ended by a signal (segmentation fault)',
  ],
  ['RequestId: 7a0f Error: Runtime exited without providing a reason', 'its process ended without an error'],
  ['2026-11-21T12:00:00Z 7a0f Task timed out after 900.10 seconds', 'it exceeded its time limit of 900.1 s'],
  ['RequestId: 7a0f Error: Runtime exited with error: exit status 7', 'its process ended with code 7'],
  [
    'its process ended with exit code 1: TypeError: x is undefined',
    'its process ended with code 1: TypeError: x is undefined',
  ],
  ['FATAL ERROR: JavaScript heap out of memory', 'it ran out of memory'],
  ['the worker did not start in time', 'the worker did not start in time'],
  [
    `The security token is expired\n${'    at deserializer (file.js:1)\n'.repeat(199)}`,
    'The security token is expired',
  ],
  ['\n\r\n  AccessDenied  \nmore', 'AccessDenied'],
  ['x'.repeat(5000), `${'x'.repeat(199)}…`],
])('the reason why a worker ended is described in words: %s', ([error, words]) => {
  expect(causeOfLoss(error as string)).toBe(words)
})
