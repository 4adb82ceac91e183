import { expect, test } from 'vitest'
import {
  archivable,
  currentLedgers,
  isArchived,
  keptMs,
  mergeableArchives,
  moveToArchive,
  replaceArchives,
  withArchives,
} from '../../../core/shard/archive.ts'
import { SealedReader } from '../../../core/report/live/sealed-reader.ts'
import { isWhole } from '../../../core/shard/ledger.ts'
import { decodeArchive, decodeShardState, encodeArchive, encodeShardState } from '../../../core/shard/shard-codec.ts'
import { mergeMessage } from '../../../core/shard/shard-merge.ts'
import { type Archive, type ShardState, newShardState } from '../../../core/shard/shard.ts'
import { totalsOf } from '../../../core/window/totals.ts'
import { messageOf, windowOf } from '../../fixtures/windows.ts'

const grid = { startAt: 1_000_000, windowMs: 5000 }
const turnMs = 600_000

/** Merges the messages of one attempt. Each message has one request. */
function merged(state: ShardState, { slice = 0, attempt = 0, sequences = [0, 1], isEnded = true }): void {
  for (const sequence of sequences) {
    const final = isEnded && sequence === 1
    const sentAt = grid.startAt + attempt * turnMs + sequence * 1000
    mergeMessage(state, messageOf({ slice, attempt, sequence, final, sentAt, content: windowOf('/', [1]) }))
  }
}

/** Archives as much as possible, as a reducer does. */
function archived(state: ShardState): Archive[] {
  const written: Archive[] = []
  const due = archivable(state, grid)
  if (!due) return []
  moveToArchive(state, due, `archive ${state.archives.length}`)
  written.push(due)
  for (let more = mergeableArchives(state); more; more = mergeableArchives(state)) {
    replaceArchives(state, more, `merged ${state.archives.length}`)
    written.push(more)
  }
  return written
}

test('the ledgers of earlier attempts are archived, but not the ledger of the latest attempt of a slice', () => {
  const state = newShardState('r1', 0)
  for (let attempt = 0; attempt < 60; attempt++) merged(state, { attempt })
  merged(state, { slice: 1 })
  const lastWindow = 60 * 120
  state.sealed = Array.from({ length: lastWindow / 12 }, (_, k) => ({ window: k * 12, key: `minute ${k}` }))
  const [archive] = archived(state)
  expect(archive?.attempts.size).toBe(60 - 2)
  expect([...state.attempts.keys()]).toEqual(['0-58', '0-59', '1-0'])
  const firstKept = (state.sealed[0]?.window ?? 0) * grid.windowMs + grid.startAt
  expect(state.clockMs - firstKept).toBeLessThanOrEqual(keptMs + grid.windowMs)
  expect(state.archives).toEqual([
    { key: 'archive 0', level: 0, firstAttempt: 0, lastAttempt: 57, lastWindow: archive?.sealed.at(-1)?.window },
  ])
  expect([57, 58, 60].map((attempt) => isArchived(state, { slice: 0, attempt }))).toEqual([true, false, false])
  expect(isArchived(state, { slice: 1, attempt: 1 })).toBe(false)
  expect(state.merged).toEqual(
    totalsOf(
      windowOf(
        '/',
        Array.from({ length: 122 }, () => 1),
      ),
    ),
  )
  expect(decodeShardState(encodeShardState(state))).toEqual(state)
  expect(archive && decodeArchive(encodeArchive(archive))).toEqual(archive)
  expect(() => merged(state, { attempt: 3 })).toThrow('attempt 0-3 is in an archive')
})

test('the references of a minute are archived together, so a reader of a run in progress reads each reference once', () => {
  const state = newShardState('r1', 0)
  const earlier = Array.from({ length: 15 }, (_, k) => ({ window: k * 12, key: `minute ${k}` }))
  const minute = 15 * 12
  const [first, second] = [
    { window: minute, key: 'first' },
    { window: minute + 1, key: 'second' },
  ]
  state.sealed = [...earlier, first, second]
  const reader = new SealedReader(grid.windowMs)
  reader.took([state])
  state.sealed.push({ window: minute, key: 'first, late' })
  const written: Archive[] = []
  const clockIs = (windows: number): void => {
    state.clockMs = grid.startAt + windows * grid.windowMs + keptMs + 1
    written.push(...archived(state))
  }
  // The window of `first` and `first, late` is old enough for the archive, but the window of `second` is too recent.
  clockIs(minute + 1)
  expect(state.sealed.map(({ key }) => key)).toEqual(['first', 'second', 'first, late'])
  const read = (): unknown => reader.news([withArchives(state, written)])?.map(({ key }) => key)
  expect(read()).toEqual(['first, late'])
  state.sealed.push(...earlier.map(({ key }, k) => ({ window: minute + 1, key: `${key}, ${k}` })))
  clockIs(minute + 2)
  expect(state.sealed).toEqual([])
  expect(read()).toEqual(['first, late', ...earlier.map(({ key }, k) => `${key}, ${k}`)])
})

test('an attempt with missing messages is still known to be incomplete after it is archived', () => {
  const state = newShardState('r1', 0)
  const fates = [{}, { isEnded: false }, { sequences: [1] }]
  for (let attempt = 0; attempt < 63; attempt++) merged(state, { attempt, ...fates[attempt < 3 ? attempt : 0] })
  expect(archived(state)).toHaveLength(1)
  expect(state.archived.get(0)).toEqual({ newest: 60, unended: [1], gaps: [2] })
  const partial = currentLedgers(state).filter((one) => !isWhole(one))
  expect(partial.map(({ attempt, received }) => [attempt, received.missing.length])).toEqual([
    [1, 0],
    [2, 1],
  ])
})

test('the size of the state does not depend on the number of attempts and windows', () => {
  const state = newShardState('r1', 0)
  const sizes: number[] = []
  let levels = 0
  for (let attempt = 0; attempt < 6 * 24 * 30; attempt++) {
    merged(state, { attempt })
    state.open.clear()
    for (let minute = 0; minute < 10; minute++) {
      const window = (attempt * 10 + minute) * 12
      const windows = Array.from({ length: 12 }, (_, k) => window + k)
      state.sealed.push({ window, key: `runs/r1/windows/0/${window}-${'f'.repeat(32)}`, windows, pieces: 12 })
    }
    archived(state)
    levels = Math.max(levels, ...state.archives.map(({ level }) => level))
    sizes.push(encodeShardState(state).length)
  }
  const mean = (from: number): number => sizes.slice(from, from + 144).reduce((sum, one) => sum + one, 0) / 144
  // Compares the mean size on the last of 30 days with the mean size on the second day.
  expect(mean(sizes.length - 144) / mean(144)).toBeLessThan(1.1)
  expect(Math.max(...sizes)).toBeLessThan(12_000)
  expect(levels).toBeGreaterThanOrEqual(3)
})

test('a shard state from an earlier build can be read', () => {
  const state = newShardState('r1', 0)
  merged(state, { attempt: 0 })
  const {
    merged: totals,
    archived: _archived,
    archives: _archives,
    ...old
  } = JSON.parse(encodeShardState(state)) as Record<string, unknown>
  expect(totals).toEqual(state.merged)
  expect(decodeShardState(JSON.stringify({ ...old, v: 1 }))).toEqual(state)
  expect(() => decodeShardState(JSON.stringify({ ...old, v: 3 }))).toThrow(
    'its version is 3, but this build reads versions 1 and 2',
  )
})
