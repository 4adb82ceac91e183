import { expect, test } from 'vitest'
import { decodeWindow, encodeMessage } from '../../../core/window/codec/codec.ts'
import { decodeShardState, encodeShardState } from '../../../core/shard/shard-codec.ts'
import { encodeControl } from '../../../core/fleet/control.ts'
import { isWhole } from '../../../core/shard/ledger.ts'
import { totalsOf } from '../../../core/window/totals.ts'
import { mergeWindow } from '../../../core/window/merge-windows.ts'
import type { ShardState } from '../../../core/shard/shard.ts'
import { emptyWindow } from '../../../core/window/window.ts'
import type { WindowMessage } from '../../../core/window/message.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment, PutCondition, QueueEvent, Store } from '../../../functions/ports.ts'
import { merge } from '../../../functions/reducer/merge.ts'
import { planOf } from '../../fixtures/run.ts'
import { messageOf, windowOf } from '../../fixtures/windows.ts'
import { MemoryStore } from '../../stores/memory-store.ts'

const startAt = 1_000_000
const windowMs = 5000

/** Returns a store with the plan of a run of four slices, two in each shard. */
async function storeWithRun(store = new MemoryStore()): Promise<MemoryStore> {
  const plan = planOf({ windowMs, slicesPerShard: 2, workers: 4 })
  await store.put(keys.plan('r1'), JSON.stringify(plan))
  await store.put(keys.control('r1'), encodeControl({ v: 1, startAt, leaseUntil: startAt * 2, stop: null }))
  return store
}

function environment(store: Store, parts: Partial<Environment> = {}): Environment {
  const never = () => Promise.reject(new Error('a merge must not send messages or start stages'))
  return {
    store,
    queue: { send: never },
    invoker: { invoke: never, failed: never },
    clock: { nowMs: () => Date.now(), sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)) },
    build: 'b1',
    remainingMs: () => 10_000,
    log: () => {},
    ...parts,
  }
}

function record(message: WindowMessage, parts: { id?: string; group?: string; body?: string } = {}) {
  const { slice, attempt, sequence } = message
  return {
    messageId: parts.id ?? `${slice}-${attempt}-${sequence}`,
    body: parts.body ?? encodeMessage(message),
    attributes: { MessageGroupId: parts.group ?? `r1#${Math.floor(slice / 2)}` },
  }
}

function eventOf(...messages: WindowMessage[]): QueueEvent {
  return { Records: messages.map((message) => record(message)) }
}

/** Returns the messages of four slices. Each slice has one message for each of six windows. */
function sentMessages(): WindowMessage[] {
  const messages: WindowMessage[] = []
  for (let window = 0; window < 6; window++) {
    for (let slice = 0; slice < 4; slice++) {
      const content = windowOf(`/page/${slice % 2}`, [1 + window, 20 * (slice + 1)])
      const sentAt = startAt + (window + 1) * windowMs
      messages.push(messageOf({ slice, sequence: window, window, sentAt, content, final: window === 5 }))
    }
  }
  return messages
}

async function stateOf(store: Store, shard = 0): Promise<ShardState> {
  const stored = await store.get(keys.shard('r1', shard))
  if (!stored) throw new Error(`shard ${shard} has no state`)
  return decodeShardState(stored.body)
}

/**
 * Returns the state of a shard as text. The text contains the counts of the sealed windows. It does not contain the parts of the state that depend on
 * the order of messages.
 */
async function contentOf(store: Store, shard: number): Promise<string> {
  const state = await stateOf(store, shard)
  for (const { window, key } of state.sealed) {
    const into = state.open.get(window) ?? emptyWindow()
    state.open.set(window, into)
    mergeWindow(into, decodeWindow((await store.get(key))?.body ?? ''))
  }
  return encodeShardState({ ...state, sealed: [], duplicatesDropped: 0 })
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, k) => ({ item, key: Math.imul(k + seed, 0x9e3779b1) >>> 0 }))
  return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item)
}

async function deliver(store: Store, messages: readonly WindowMessage[], batch: number): Promise<void> {
  for (let from = 0; from < messages.length; from += batch) {
    const response = await merge(eventOf(...messages.slice(from, from + batch)), environment(store))
    expect(response).toEqual({ batchItemFailures: [] })
  }
}

test('the state of a shard is the same whether messages arrive twice in random order or once in the right order', async () => {
  const inOrder = await storeWithRun()
  await deliver(inOrder, sentMessages(), 8)
  for (const seed of [1, 2, 3]) {
    const twice = await storeWithRun()
    await deliver(twice, shuffled([...sentMessages(), ...sentMessages()], seed), 5)
    for (const shard of [0, 1]) {
      expect(await contentOf(twice, shard)).toBe(await contentOf(inOrder, shard))
      expect((await stateOf(twice, shard)).duplicatesDropped).toBe(12)
    }
  }
})

test('no message is lost if several merges change the same shard at the same time', async () => {
  const oneByOne = await storeWithRun()
  const messages = sentMessages().filter(({ slice }) => slice < 2)
  await deliver(oneByOne, messages, 3)
  const store = await storeWithRun()
  const events = Array.from({ length: 4 }, (_, k) => eventOf(...messages.slice(3 * k, 3 * k + 3)))
  const responses = await Promise.all(events.map((event) => merge(event, environment(store))))
  expect(responses.flatMap(({ batchItemFailures }) => batchItemFailures)).toEqual([])
  expect(await contentOf(store, 0)).toBe(await contentOf(oneByOne, 0))
  const attempts = [...(await stateOf(store)).attempts.values()]
  expect(attempts.map(isWhole)).toEqual([true, true])
  expect((await stateOf(store)).duplicatesDropped).toBe(0)
})

test('the reducer reads a state again if the state has changed since the last read', async () => {
  const store = await storeWithRun()
  await merge(eventOf(messageOf({ content: windowOf('/x', [1]) })), environment(store))
  const state = await stateOf(store)
  state.duplicatesDropped = 77
  await store.put(keys.shard('r1', 0), encodeShardState(state))
  await merge(eventOf(messageOf({ content: windowOf('/x', [2]), sequence: 1 })), environment(store))
  const after = await stateOf(store)
  expect(after.duplicatesDropped).toBe(77)
  expect(totalsOf(after.open.get(0) ?? emptyWindow()).requests).toBe(2)
})

test('windows that have ended become immutable objects, and the state of the shard refers to these objects', async () => {
  const store = await storeWithRun()
  await deliver(store, sentMessages(), 4)
  const state = await stateOf(store)
  expect(state.sealed.map(({ window }) => window)).toEqual([0, 1, 2])
  expect([...state.open.keys()]).toEqual([3, 4, 5])
  for (const { window, key } of state.sealed) {
    expect(key).toMatch(new RegExp(`^runs/r1/windows/0/${window}-[0-9a-f]{32}$`))
    expect(totalsOf(decodeWindow((await store.get(key))?.body ?? '')).requests).toBe(4)
  }
})

test('if messages arrive after their window was sealed, they are stored in a second object for this window', async () => {
  const store = await storeWithRun()
  const [first, ...others] = sentMessages().filter(({ slice }) => slice < 2)
  await deliver(store, others, 4)
  await deliver(store, [first as WindowMessage], 1)
  const sealed = (await stateOf(store)).sealed.filter(({ window }) => window === 0)
  expect(sealed).toHaveLength(2)
  const whole = await storeWithRun()
  await deliver(whole, [first as WindowMessage, ...others], 4)
  expect(await contentOf(store, 0)).toBe(await contentOf(whole, 0))
})

test('no window is sealed until the start of the run is known', async () => {
  const store = await storeWithRun()
  await store.delete(keys.control('r1'))
  await deliver(store, sentMessages(), 4)
  expect((await stateOf(store)).sealed).toEqual([])
})

test('messages that cannot be merged are set aside with the reason, and all other messages are merged', async () => {
  const store = await storeWithRun()
  const good = messageOf({ content: windowOf('/x', [1]) })
  const records = [
    record(good, { id: 'poison', body: '{"v":1,' }),
    record(good, { id: 'later', body: '{"v":2}' }),
    record(good, { id: 'good' }),
    record(messageOf({ build: 'b2' }), { id: 'other-build' }),
    record(messageOf({ run: 'r2' }), { id: 'other-run' }),
    record(messageOf({ slice: 9 }), { id: 'no-slice', group: 'r1#0' }),
    record(messageOf({ slice: 3 }), { id: 'other-shard', group: 'r1#0' }),
    record(messageOf({ sequence: 90_000_000 }), { id: 'far-ahead' }),
    record(good, { id: 'no/../group', group: '../../x#1', body: 'x'.repeat(100_000) }),
    record(messageOf({ run: 'r9' }), { id: 'no-plan', group: 'r9#0' }),
  ]
  expect(await merge({ Records: records }, environment(store))).toEqual({ batchItemFailures: [] })
  const state = await stateOf(store)
  expect(totalsOf(state.open.get(0) ?? emptyWindow()).requests).toBe(1)
  expect([...state.attempts.keys()]).toEqual(['0-0'])
  const reasons = new Map<string, string>()
  for (const run of ['r1', 'r9', 'unknown']) {
    for (const key of await store.list(keys.unreadables(run))) {
      const { reason, body } = JSON.parse((await store.get(key))?.body ?? '')
      expect(body.length).toBeLessThanOrEqual(65_536)
      reasons.set(key.slice('runs/'.length), reason)
    }
  }
  expect(Object.fromEntries(reasons)).toEqual({
    'r1/unreadable/poison': 'a message cannot be read: it is not valid JSON',
    'r1/unreadable/later': 'a message cannot be read: its version is 2, but this build reads version 1',
    'r1/unreadable/other-build': 'the message was sent by build b2, but this is build b1',
    'r1/unreadable/other-run': 'the message belongs to run r2 but was sent as a message of run r1',
    'r1/unreadable/no-slice': 'the run has no slice 9',
    'r1/unreadable/other-shard': 'slice 3 does not belong to shard 0',
    'r1/unreadable/far-ahead': 'message 90000000 arrived, but message 1 was due',
    'r9/unreadable/no-plan': 'there is no plan of run r9',
    'unknown/unreadable/no%2F%2E%2E%2Fgroup': 'the message group does not name a run and a shard',
  })
})

test('a message that arrives after the run was finalised is stored as late and not merged', async () => {
  const store = await storeWithRun()
  const first = messageOf({ content: windowOf('/x', [1]) })
  await merge(eventOf(first), environment(store))
  const state = await stateOf(store)
  await store.put(keys.shard('r1', 0), encodeShardState({ ...state, closed: true }))
  const closed = await store.get(keys.shard('r1', 0))
  const late = messageOf({ sequence: 1 })
  for (let k = 0; k < 2; k++) {
    expect(await merge(eventOf(first, late), environment(store))).toEqual({ batchItemFailures: [] })
  }
  expect(await store.get(keys.shard('r1', 0))).toEqual(closed)
  expect(await store.list(keys.lates('r1'))).toEqual([keys.late('r1', '0-0-1')])
  expect((await store.get(keys.late('r1', '0-0-1')))?.body).toBe(encodeMessage(late))
})

/** A store that fails to write the state of one shard. */
class PartlyBrokenStore extends MemoryStore {
  override put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
    if (key === keys.shard('r1', 0)) return Promise.reject(new Error('SlowDown'))
    return super.put(key, body, condition)
  }
}

test('after four failed attempts, only the messages of the failed group return to the queue', async () => {
  const store = await storeWithRun(new PartlyBrokenStore())
  const logged: string[] = []
  const env = environment(store, { log: (event, fields) => logged.push(`${event}: ${String(fields?.['error'])}`) })
  const response = await merge(eventOf(messageOf(), messageOf({ slice: 2 }), messageOf({ sequence: 1 })), env)
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: '0-0-0' }, { itemIdentifier: '0-0-1' }])
  expect(logged).toEqual([...Array(3).fill('merge-repeated: Error: SlowDown'), 'merge-failed: SlowDown'])
  expect([...(await stateOf(store, 1)).attempts.keys()]).toEqual(['2-0'])
})

test('if three writes of a state are answered with an error and the third write takes effect, the messages do not return to the queue', async () => {
  class FailingStore extends MemoryStore {
    failures = 3
    override async put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
      if (key !== keys.shard('r1', 0) || this.failures-- <= 0) return await super.put(key, body, condition)
      if (this.failures === 0) await super.put(key, body, condition)
      throw new Error('InternalError')
    }
  }
  const failing = new FailingStore()
  const store = await storeWithRun(failing)
  expect((await merge(eventOf(messageOf()), environment(store))).batchItemFailures).toEqual([])
  expect(failing.failures).toBeLessThanOrEqual(0)
  expect([...(await stateOf(store, 0)).attempts.keys()]).toEqual(['0-0'])
})

test('messages return to the queue if other writers keep changing the state during the merge', async () => {
  class ContestedStore extends MemoryStore {
    override put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
      return key === keys.shard('r1', 0) ? Promise.resolve(undefined) : super.put(key, body, condition)
    }
  }
  const store = await storeWithRun(new ContestedStore())
  const clock = { nowMs: () => 0, sleep: () => Promise.resolve() }
  const response = await merge(eventOf(messageOf()), environment(store, { clock }))
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: '0-0-0' }])
})

test('a merge that has little time left does not begin the next group', async () => {
  const store = await storeWithRun()
  const left = [9000, 3999]
  const env = environment(store, { remainingMs: () => left.shift() ?? 0 })
  const response = await merge(eventOf(messageOf(), messageOf({ slice: 2 })), env)
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: '2-0-0' }])
  expect(await store.get(keys.shard('r1', 1))).toBeUndefined()
})
