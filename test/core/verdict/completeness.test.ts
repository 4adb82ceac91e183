import { expect, test } from 'vitest'
import { type Evidence, judgeCompleteness } from '../../../core/verdict/completeness.ts'
import { addTotals, totalsOf } from '../../../core/shard/ledger.ts'
import { mergeMessage } from '../../../core/shard/shard-merge.ts'
import { newShardState } from '../../../core/shard/shard.ts'
import { type WindowMessage, zeroTotals } from '../../../core/window/wire.ts'
import { cellOf, intervalOf, messagesOf, planOf } from '../../fixtures/run.ts'

/** Twelve windows of one worker, two requests each. */
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
    plan: planOf(),
    shards: [shard],
    tallies,
    failed: [],
    unread: [],
    late: 0,
    unreadable: 0,
    windows: 12,
    ...changes,
  }
}

const lostOf = (evidence: Evidence): string[] => judgeCompleteness(evidence).lost

test('it is complete when all messages of all slices were merged, once or often', () => {
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

test('a slice that never reported is named, with the reason if there is one', () => {
  const report = judgeCompleteness(evidenceOf(twelve(0)))
  expect(report).toMatchObject({ complete: false, slicesReported: 1, windowsExpected: 24, windowsMerged: 12 })
  expect(report.lost).toEqual(['slice 1: nothing was reported'])
  const failed = [{ slice: 1, attempt: 0, error: 'out of memory' }]
  expect(lostOf(evidenceOf(twelve(0), { failed }))).toEqual(['slice 1: nothing was reported (out of memory)'])
})

test('messages that are missing are named with the time they stood for', () => {
  const messages = [...twelve(0).filter(({ sequence }) => sequence < 4 || sequence > 6), ...twelve(1)]
  const report = judgeCompleteness(evidenceOf(messages))
  expect(report).toMatchObject({ complete: false, windowsExpected: 24, windowsMerged: 21 })
  expect(report.lost).toEqual(['slice 0, messages 4–6 missing (00:20–00:35)'])
  const one = [...twelve(0).filter(({ sequence }) => sequence !== 3), ...twelve(1)]
  expect(lostOf(evidenceOf(one))).toEqual(['slice 0, message 3 missing (00:15–00:20)'])
})

test('a worker that fell silent is named', () => {
  const failed = [{ slice: 1, attempt: 0, error: 'killed' }]
  expect(lostOf(evidenceOf([...twelve(0), ...twelve(1).slice(0, 7)], { failed }))).toEqual([
    'slice 1: nothing more was reported after 00:35, its last message is missing (killed)',
  ])
})

test('a worker that gave up says why, though everything it counted is there', () => {
  const messages = twelve(1)
  Object.assign(messages[11] as WindowMessage, { failure: 'the engine did not answer' })
  expect(lostOf(evidenceOf([...twelve(0), ...messages]))).toEqual(['slice 1 gave up: the engine did not answer'])
})

test('a relaunched slice is complete when both of its attempts are', () => {
  const [first, second] = [twelve(1), twelve(1, 1)]
  expect(lostOf(evidenceOf([...twelve(0), ...first, ...second]))).toEqual([])
  expect(lostOf(evidenceOf([...twelve(0), ...first.slice(0, 1), ...second]))).toEqual([
    'slice 1: nothing more was reported after 00:05, its last message is missing',
  ])
  const failed = [{ slice: 1, attempt: 0, error: 'killed' }]
  expect(lostOf(evidenceOf([...twelve(0), ...second], { failed }))).toEqual([
    'slice 1 failed before it reported anything (killed)',
  ])
})

test("what was merged must equal the worker's own totals", () => {
  const messages = twelve(1)
  const last = messages[11] as WindowMessage
  last.totals = { ...last.totals, requests: 1204 }
  expect(lostOf(evidenceOf([...twelve(0), ...messages]))).toEqual(['slice 1: worker says 1,204 requests, merged 24'])
})

test('the windows must add up to what was merged, to the last value of a histogram', () => {
  const messages = [...twelve(0), ...twelve(1)]
  const tally = { requests: 48, failures: 0, exchanges: 48, interrupted: 0, latencies: 47, intents: 48 }
  expect(lostOf(evidenceOf(messages, { tallies: new Map([[0, tally]]) }))).toEqual([
    'slices 0, 1: merged 48 measured latencies, the windows hold 47',
  ])
  expect(lostOf(evidenceOf(messages, { tallies: new Map() }))).toEqual([
    'slices 0, 1: merged 48 requests, the windows hold 0',
  ])
})

test('what could not be read comes first', () => {
  const evidence = evidenceOf([...twelve(0), ...twelve(1)], { unread: ['shard 1 could not be read: it is no JSON'] })
  expect(judgeCompleteness(evidence)).toMatchObject({ complete: false, lost: evidence.unread })
})
