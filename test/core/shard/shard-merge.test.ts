import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeShardState, encodeShardState } from '../../../core/shard/shard-codec.ts'
import { isWhole } from '../../../core/shard/ledger.ts'
import { totalsOf } from '../../../core/window/totals.ts'
import { mergeMessage, sealable } from '../../../core/shard/shard-merge.ts'
import { type ShardState, newShardState } from '../../../core/shard/shard.ts'
import { emptySecondCell, emptyWindow } from '../../../core/window/window.ts'
import { type WindowMessage, zeroTotals } from '../../../core/window/message.ts'
import { messageOf, windowArbitrary, windowOf } from '../../fixtures/windows.ts'

function mergedInto(state: ShardState, messages: readonly WindowMessage[]): string {
  for (const message of messages) mergeMessage(state, message)
  return encodeShardState({ ...state, duplicatesDropped: 0 })
}

/** Draws the messages of one or two slices, in the order in which they are sent. Each slice has one attempt. */
const sentArbitrary = fc.array(windowArbitrary, { minLength: 1, maxLength: 10 }).map((windows) =>
  windows.map((content, k) =>
    messageOf({
      content,
      slice: k % 2,
      sequence: Math.floor(k / 2),
      window: Math.floor(k / 4),
      sentAt: 1000 + k,
      final: k >= windows.length - 2,
      totals: { ...zeroTotals, requests: k },
    }),
  ),
)

test('messages that arrive twice and in random order lead to the same state as messages that arrive once and in order', () => {
  const shuffled = sentArbitrary.chain((sent) =>
    fc.shuffledSubarray([...sent, ...sent], { minLength: 2 * sent.length }).map((order) => ({ sent, order })),
  )
  fc.assert(
    fc.property(shuffled, ({ sent, order }) => {
      const state = newShardState('r1', 0)
      expect(mergedInto(state, order)).toBe(mergedInto(newShardState('r1', 0), sent))
      expect(state.duplicatesDropped).toBe(sent.length)
      for (const attempt of state.attempts.values()) expect(isWhole(attempt)).toBe(true)
    }),
  )
})

test('the ledger contains the merged counts and, separately, the totals that the worker reports', () => {
  const state = newShardState('r1', 0)
  const content = windowOf('/x', [1, 2])
  const totals = { ...totalsOf(content), requests: 5 }
  mergeMessage(state, messageOf({ content, totals, sequence: 1, window: 3, sentAt: 50 }))
  mergeMessage(state, messageOf({ content, sequence: 0, window: 2, sentAt: 70 }))
  expect(state.attempts.get('0-0')).toMatchObject({
    totals,
    totalsSequence: 1,
    merged: { requests: 4, latencies: 4, intents: 4 },
    firstWindow: 2,
    lastWindow: 3,
    lastSentAt: 70,
    finalSequence: null,
  })
  expect(state.clockMs).toBe(70)
  expect(new Set(state.open.keys())).toEqual(new Set([2, 3]))
})

test('the state of a shard has the number of users in the latest second, in whatever order messages arrive', () => {
  const at = (sequence: number, seconds: [number, number][]) =>
    messageOf({
      sequence,
      content: {
        ...emptyWindow(),
        seconds: new Map(seconds.map(([second, users]) => [second, { ...emptySecondCell(), users, draining: 1 }])),
      },
    })
  const sent = [
    at(0, [
      [0, 1],
      [1, 2],
    ]),
    at(1, [[2, 7]]),
    at(2, [
      [2, 0],
      [1, 0],
    ]),
    at(3, []),
  ]
  for (const order of [sent, sent.toReversed()]) {
    const state = newShardState('r1', 0)
    for (const message of order) mergeMessage(state, message)
    expect(state.attempts.get('0-0')).toMatchObject({ latestSecond: 2, users: 7, draining: 2 })
  }
})

test('if two attempts of a slice send counts for the same window, the window contains the counts of both attempts', () => {
  const state = newShardState('r1', 0)
  mergeMessage(state, messageOf({ content: windowOf('/x', [1]) }))
  mergeMessage(state, messageOf({ content: windowOf('/x', [1]), attempt: 1 }))
  expect(state.open.get(0)?.requests.get('GET /x')?.requests).toBe(2)
  expect([...state.attempts.keys()]).toEqual(['0-0', '0-1'])
})

test('a closed state never changes, and a message that was already merged counts as a duplicate and not as late', () => {
  const state = newShardState('r1', 0)
  mergeMessage(state, messageOf())
  state.closed = true
  const before = encodeShardState(state)
  expect(mergeMessage(state, messageOf())).toBe('repeat')
  expect(mergeMessage(state, messageOf({ sequence: 1 }))).toBe('closed')
  expect(mergeMessage(state, messageOf({ slice: 1 }))).toBe('closed')
  expect(encodeShardState(state)).toBe(before)
})

test('a message whose sequence number is above the limit is refused and does not change the state', () => {
  const state = newShardState('r1', 0)
  const before = encodeShardState(state)
  expect(() => mergeMessage(state, messageOf({ sequence: 99_999_999 }))).toThrow('99999999')
  expect(encodeShardState(state)).toBe(before)
})

test("a window is sealed when the shard's clock is more than two windows past the end of this window", () => {
  const state = newShardState('r1', 0)
  for (const window of [0, 1, 2, 7]) state.open.set(window, emptyWindow())
  const grid = { startAt: 1_000_000, windowMs: 5000 }
  expect(sealable(state, grid)).toEqual([])
  state.clockMs = 1_015_000
  expect(sealable(state, grid)).toEqual([])
  state.clockMs = 1_015_001
  expect(sealable(state, grid)).toEqual([0])
  state.clockMs = 1_030_000
  expect(sealable(state, grid)).toEqual([0, 1, 2])
})

test('if a worker has handed its users over, its short state entry is unchanged after encoding and decoding', () => {
  const state = newShardState('r1', 0)
  const sizes: number[] = []
  const lengths = Array.from({ length: 1234 }, () => 1)
  for (let attempt = 0; attempt < 72; attempt++) {
    for (const sequence of [0, 1]) {
      const final = sequence === 1
      const sentAt = 1_700_000_000_000 + 60_000 * attempt
      const totals = { ...zeroTotals, requests: 1234, exchanges: 1234, latencies: 1234, intents: 1234 }
      const content = windowOf('/', sequence === 0 ? [] : lengths)
      const parts = { attempt, sequence, final, sentAt, totals, window: 120 * attempt, content }
      mergeMessage(state, messageOf({ ...parts, ...(final && { handedOver: true }) }))
    }
    state.open.clear()
    sizes.push(encodeShardState(state).length)
  }
  expect(decodeShardState(encodeShardState(state))).toEqual(state)
  expect(Math.max(...sizes.slice(1).map((size, k) => size - (sizes[k] as number)))).toBeLessThan(220)
})

test('the state of a shard whose 20,000 users run for 12 hours can be read again', () => {
  const state = newShardState('r1', 0)
  const generator = { ...state.generator, userUs: 20_000 * 12 * 3_600_000_000, lostUs: 2 ** 53 }
  expect(decodeShardState(encodeShardState({ ...state, generator })).generator).toEqual(generator)
})
