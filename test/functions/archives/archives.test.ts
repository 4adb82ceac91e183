import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProgressReader } from '../../../cli/run/progress.ts'
import { readSoFar } from '../../../cli/ui/runs/so-far.ts'
import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { currentLedgers } from '../../../core/shard/archive.ts'
import { isWhole } from '../../../core/shard/ledger.ts'
import { encodeShardState } from '../../../core/shard/shard-codec.ts'
import { RandomStream } from '../../../core/random.ts'
import type { Report } from '../../../core/report/report.ts'
import type { ArchiveReference, ShardState } from '../../../core/shard/shard.ts'
import type { WindowMessage } from '../../../core/window/message.ts'
import { keys, outputFiles } from '../../../functions/keys.ts'
import type { PutCondition, StoredObject } from '../../../functions/ports.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { startAt } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'
import {
  archivesIn,
  attemptOf,
  drawnAttempts,
  drawnOrder,
  longPlan,
  mergedWithoutArchives,
  reduced,
  stateOf,
  storeFor,
} from './long-run.ts'
import { mergeEnvironment } from '../reducer/merge-environment.ts'

const turns = 20

async function filesOf(store: MemoryStore): Promise<Record<string, string | undefined>> {
  await finalise({ run: 'r1', events: [], failed: [], failure: null }, mergeEnvironment(store))
  const read = outputFiles.map(async (file) => [file, (await store.get(keys.output('r1', file)))?.body] as const)
  return Object.fromEntries(await Promise.all(read))
}

async function reportOf(store: MemoryStore): Promise<Report> {
  return JSON.parse((await filesOf(store))['report.json'] ?? '') as Report
}

async function soFar(store: MemoryStore, plan: RunPlan): Promise<Report | undefined> {
  const nowMs = (): number => startAt + turns * 600_000
  const run = {
    plan,
    store,
    nowMs,
    everyMs: 1,
    patienceMs: 1,
    isTemporary: () => false,
    inWords: (error: unknown) => error,
  }
  return readSoFar({ ...run, ending: async () => undefined })
}

test('the report of a long run does not depend on archives or on the number of shards, even if messages are lost, repeated or late', async () => {
  const run = async (seed: number): Promise<void> => {
    const random = new RandomStream(seed, 3, 5)
    const order = drawnOrder(random, drawnAttempts(random, turns))
    const plan = longPlan(turns)
    const plain = await storeFor(plan)
    await mergedWithoutArchives(plain, order)
    const before = await soFar(plain, plan)
    const expected = await filesOf(plain)

    const one = await storeFor(plan)
    await reduced(one, plan, order)
    const state = await stateOf(one)
    expect((await archivesIn(one)).length).toBeGreaterThan(8)
    expect(state.archives.some(({ level }) => level === 1)).toBe(true)
    // The state contains the attempts of the last few minutes. It contains an older attempt only until that attempt is moved to an archive.
    expect(state.attempts.size).toBeLessThan(50 + 4 * 4)
    expect(state.sealed.length).toBeLessThan(15 + 40)
    expect(await soFar(one, plan)).toEqual(before)
    const { state: seen } = (await new ProgressReader(one, plan).read()) ?? { state: { shards: [] } }
    expect(messagesIn(seen.shards)).toBe(messagesIn([await stateOf(plain)]))
    expect(await filesOf(one)).toEqual(expected)

    const fourShards = longPlan(turns, 1)
    const four = await storeFor(fourShards)
    await reduced(four, fourShards, order)
    expect(await filesOf(four)).toEqual(expected)
  }
  await fc.assert(fc.asyncProperty(fc.nat(), run), { numRuns: 2 })
})

function messagesIn(shards: readonly ShardState[]): number {
  const ledgers = shards.flatMap(({ attempts }) => [...attempts.values()])
  return ledgers.reduce((sum, { received: { next, missing } }) => sum + next - missing.length, 0)
}

async function bodyOf(store: MemoryStore, key: string): Promise<string> {
  return (await store.get(key))?.body ?? ''
}

/** Merges all messages of a run, except the messages for which `missing` returns true. Returns the store and the plan of the run. */
async function hoursOf(
  missing: (message: WindowMessage) => boolean,
  into = new MemoryStore(),
): Promise<{ store: MemoryStore; plan: RunPlan }> {
  const plan = longPlan(turns)
  const store = await storeFor(plan, into)
  const all = Array.from({ length: turns * 4 }, (_, k) => attemptOf(k % 4, Math.floor(k / 4), k >= (turns - 1) * 4))
  const order = all.flat().toSorted((a, b) => a.sentAt - b.sentAt)
  await reduced(
    store,
    plan,
    order.filter((message) => !missing(message)),
  )
  return { store, plan }
}

test('a message that arrives hours late is counted once if it is new, and dropped if it is a duplicate', async () => {
  const isLate = ({ slice, attempt, sequence }: WindowMessage): boolean =>
    slice === 1 && (attempt === 3 || (attempt === 4 && sequence === 1))
  const { store, plan } = await hoursOf(isLate)
  const before = await stateOf(store)
  expect(before.archived.get(1)).toMatchObject({ unended: [], gaps: [4] })
  const repeats = attemptOf(1, 2)
  await reduced(store, plan, [...repeats, ...repeats])
  const unchanged = await stateOf(store)
  expect(unchanged).toEqual({ ...before, duplicatesDropped: 6 })

  // Before this delivery, no message of attempt 3 has arrived, and one message of attempt 4 is missing.
  const tardy = [...attemptOf(1, 3), ...attemptOf(1, 4)].filter(isLate)
  await reduced(store, plan, [...tardy, ...tardy])
  const state = await stateOf(store)
  expect(state.duplicatesDropped).toBe(6 + tardy.length)
  expect(currentLedgers(state).filter((ledger) => !isWhole(ledger))).toEqual([])
  const { completeness, totals } = await reportOf(store)
  expect(completeness).toMatchObject({ complete: true, lost: [], duplicatesDropped: 6 + tardy.length })
  expect(totals.requests).toBe(2 * turns * (10 + 3 * 3))
})

test('after the report, a duplicate of an archived message is dropped, and a new message of an archived attempt is stored as late', async () => {
  const isLate = ({ slice, attempt }: WindowMessage): boolean => slice === 2 && attempt === 5
  const { store, plan } = await hoursOf(isLate)
  await filesOf(store)
  const closed = await store.get(keys.shard('r1', 0))
  await reduced(store, plan, [...attemptOf(2, 4), ...attemptOf(2, 5)])
  expect(await store.get(keys.shard('r1', 0))).toEqual(closed)
  expect(await store.list(keys.lates('r1'))).toHaveLength(3)
})

test('if an archive cannot be written, its contents stay in the state, and messages are still merged', async () => {
  class BrokenStore extends MemoryStore {
    override put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
      return key.includes('/archive-') ? Promise.reject(new Error('SlowDown')) : super.put(key, body, condition)
    }
  }
  const { store } = await hoursOf(() => false, new BrokenStore())
  const state = await stateOf(store)
  expect(state.archives).toEqual([])
  expect(state.attempts.size).toBe(turns * 4)
  expect((await reportOf(store)).completeness).toMatchObject({ complete: true, lost: [] })
})

test.each([
  ['the store answers with an error', new Error('503 Slow Down')],
  ['the store refuses the access', new BurstError('runFailed', 'AWS denies s3:GetObject')],
])(
  'if %s while an archive is read for a late message, the message returns to the queue and its next delivery is recognised as a duplicate',
  async (_, error) => {
    const { store, plan } = await hoursOf(() => false)
    const before = await stateOf(store)
    const failing = new (class extends MemoryStore {
      failures = 1
      override async get(key: string): Promise<StoredObject | undefined> {
        if (key.includes('/archive-') && this.failures-- > 0) throw error
        return super.get(key)
      }
    })()
    for (const key of await store.list('runs/')) await failing.put(key, await bodyOf(store, key))
    const late = attemptOf(0, before.archives.at(-1)?.lastAttempt ?? 0)
    await expect(reduced(failing, plan, late)).rejects.toThrow('the reducer gave messages back')
    expect(failing.failures).toBe(0)
    await reduced(failing, plan, late)
    expect(await failing.list(keys.unreadables('r1'))).toEqual([])
    expect(await stateOf(failing)).toEqual({ ...before, duplicatesDropped: late.length })
  },
)

test('if an archive is deleted, the report names it, and a late message that needs the archive is set aside', async () => {
  const { store, plan } = await hoursOf(() => false)
  const state = await stateOf(store)
  const { archives } = state
  const { key: gone, lastAttempt } = archives.at(-1) as ArchiveReference
  // The reducer keeps the archives of a store in memory, so each case gets its own copy of the store.
  const copied = async (): Promise<MemoryStore> => {
    const copy = await storeFor(plan)
    for (const key of await store.list('runs/')) await copy.put(key, await bodyOf(store, key))
    return copy
  }
  const [other, forgetful] = [await copied(), await copied()]
  await other.delete(gone)
  await reduced(other, plan, attemptOf(0, lastAttempt))
  const [aside = ''] = await other.list(keys.unreadables('r1'))
  expect(JSON.parse(await bodyOf(other, aside))).toMatchObject({ reason: `${gone} is gone` })
  const { completeness } = await reportOf(other)
  expect(completeness).toMatchObject({ complete: false, unreadable: 10 })
  expect(completeness.lost[0]).toBe(`${gone} is gone`)
  expect(completeness.lost.join('\n')).not.toContain('were merged')
  // If the state does not refer to an archive, the ledgers and the windows in this archive are missing from the report.
  await forgetful.put(keys.shard('r1', 0), encodeShardState({ ...state, archives: archives.slice(0, -1) }))
  expect((await reportOf(forgetful)).completeness.lost).toContainEqual(
    expect.stringMatching(
      / requests were merged, but the ledgers of the attempts contain [\d,]+ and the windows contain /,
    ),
  )
})
