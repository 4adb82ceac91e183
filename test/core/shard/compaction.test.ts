import { expect, test } from 'vitest'
import { compactable, piecesIn, replaceSealed, windowsOf, windowsPerMinute } from '../../../core/shard/compaction.ts'
import { type SealedWindow, newShardState } from '../../../core/shard/shard.ts'

const [startAt, windowMs] = [1_000_000, 5000]
const sealedOf = (...windows: number[]): SealedWindow[] =>
  windows.map((window, k) => ({ window, key: `${window}-${k}` }))
const clockAt = (window: number): number => startAt + window * windowMs
const upTo = (windows: number): number[] => Array.from({ length: windows }, (_, k) => k)

test('a minute is compacted when its last window is sealed, and the earliest minute is compacted first', () => {
  const state = { ...newShardState('r1', 0), sealed: sealedOf(...upTo(30)), clockMs: clockAt(14) }
  expect(compactable(state, { startAt, windowMs })).toEqual([])
  state.clockMs = clockAt(33)
  const first = compactable(state, { startAt, windowMs })
  expect(first.map(({ window }) => window)).toEqual(upTo(12))
  replaceSealed(state, first, 'minute 0')
  expect(state.sealed[0]).toEqual({ window: 0, key: 'minute 0', windows: upTo(12), pieces: 12 })
  replaceSealed(state, compactable(state, { startAt, windowMs }), 'minute 1')
  expect(compactable(state, { startAt, windowMs })).toEqual([])
  expect(state.sealed.map(({ window }) => window)).toEqual([0, 12, 24, 25, 26, 27, 28, 29])
})

test('late pieces are merged into the object of their minute, and each piece is counted', () => {
  const state = { ...newShardState('r1', 0), sealed: sealedOf(...upTo(12)), clockMs: clockAt(100) }
  replaceSealed(state, compactable(state, { startAt, windowMs }), 'minute 0')
  state.sealed.push({ window: 3, key: 'late' }, { window: 3, key: 'late' })
  replaceSealed(state, compactable(state, { startAt, windowMs }), 'minute 0 again')
  const [only] = state.sealed as [SealedWindow]
  expect(state.sealed).toHaveLength(1)
  expect([windowsOf(only), piecesIn(only)]).toEqual([upTo(12), 14])
})

test('an unreadable object is not compacted, and the objects before and after the unreadable object keep their order', () => {
  const unreadable: SealedWindow = { window: 2, key: 'unreadable', unreadable: true }
  const [before, after, late] = [sealedOf(0, 1), sealedOf(3, 4), sealedOf(5)]
  const state = { sealed: [...before, unreadable, ...after, unreadable, ...late], clockMs: clockAt(100) }
  for (const key of ['before', 'after']) replaceSealed(state, compactable(state, { startAt, windowMs }), key)
  expect(compactable(state, { startAt, windowMs })).toEqual([])
  expect(state.sealed.map(({ key }) => key)).toEqual(['before', 'unreadable', 'after', 'unreadable', '5-0'])
  const sealed: SealedWindow[] = [{ window: 0, key: 'gone', unreadable: true }, ...sealedOf(1)]
  expect(compactable({ sealed, clockMs: clockAt(100) }, { startAt, windowMs })).toEqual([])
})

test('a run of twelve hours has one reference for each minute, and a compaction reads a bounded number of objects', () => {
  const state = newShardState('r1', 0)
  let most = 0
  for (let window = 0; window < 12 * 720; window++) {
    // Some windows consist of many pieces, as after a long delay of the queue.
    for (let k = 0; k < (window % 16 === 0 ? 65 : 1); k++) state.sealed.push({ window, key: `${window}-${k}` })
    state.clockMs = clockAt(window + 3)
    for (let due = compactable(state, { startAt, windowMs }); due.length > 0;) {
      most = Math.max(most, due.length)
      replaceSealed(state, due, `to ${window}`)
      due = compactable(state, { startAt, windowMs })
    }
  }
  expect(most).toBeLessThanOrEqual(64)
  expect(state.sealed.length).toBeLessThan(720 + 4 * 65)
  expect(state.sealed.reduce((sum, one) => sum + piecesIn(one), 0)).toBe(12 * 45 * (65 + 15))
})

test.each([
  [5000, 12],
  [1000, 60],
  [60_000, 1],
  [300_000, 1],
])('with windows of %i ms, the number of windows in a minute is %i', (length, windows) => {
  expect(windowsPerMinute(length)).toBe(windows)
})
