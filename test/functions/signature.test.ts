import { expect, test } from 'vitest'
import { merge } from '../../functions/reducer/merge.ts'
import { keys } from '../../functions/keys.ts'
import { secretOf, signed, signing, withSecret } from '../../functions/signature.ts'
import { encodeMessage } from '../../core/window/codec/codec.ts'
import { decodeShardState } from '../../core/shard/shard-codec.ts'
import type { QueueMessage } from '../../functions/ports.ts'
import { planOf } from '../fixtures/run.ts'
import { messageOf } from '../fixtures/windows.ts'
import { MemoryStore } from '../stores/memory-store.ts'

const env = {
  queue: { send: async () => undefined },
  invoker: { invoke: async () => undefined, failed: async () => [] },
  clock: { nowMs: () => 0, sleep: async () => undefined },
  build: 'b1',
  remainingMs: () => 60_000,
  log: () => undefined,
}

/** Returns a store with the objects that burst stores when it starts these runs. */
async function storeWith(...runs: string[]): Promise<MemoryStore> {
  const store = new MemoryStore()
  for (const run of runs) await store.put(keys.plan(run), JSON.stringify(await withSecret(store, planOf({ run }))))
  return store
}

function record(run: string, id: string, body: string) {
  return { messageId: id, body, attributes: { MessageGroupId: `${run}#0`, ApproximateReceiveCount: '1' } }
}

test('a message is merged if it has the signature of its run, and a forged message is set aside as unreadable', async () => {
  const store = await storeWith('mine', 'theirs')
  const text = (sequence: number): string => encodeMessage(messageOf({ run: 'theirs', slice: 0, sequence }))
  const [mine, theirs] = [await secretOf(store, 'mine'), await secretOf(store, 'theirs')]
  const genuine = signed(theirs, text(0))
  const Records = [
    record('theirs', 'genuine', genuine),
    record('theirs', 'of-another-run', signed(mine, text(1))),
    record('theirs', 'unsigned', text(2)),
    record('theirs', 'changed', genuine.replace('"slice":0', '"slice":1')),
    record('theirs', 'half', signed(theirs, text(3)).slice(1)),
  ]
  expect(await merge({ Records }, { ...env, store })).toEqual({ batchItemFailures: [] })
  const state = decodeShardState((await store.get(keys.shard('theirs', 0)))?.body ?? '')
  expect([...state.attempts.values()].map(({ received }) => received.next)).toEqual([1])
  const aside = await store.list(keys.unreadables('theirs'))
  expect(aside.map((key) => key.split('/').at(-1))).toEqual(['changed', 'half', 'of-another-run', 'unsigned'])
  expect((await store.get(keys.unreadable('theirs', 'unsigned')))?.body).toContain('not signed by a worker of its run')
})

test('if the secret of a run is missing, its messages are not merged, and return to the queue', async () => {
  const store = await storeWith('mine')
  const body = signed(await secretOf(store, 'mine'), encodeMessage(messageOf({ run: 'mine', slice: 0, sequence: 0 })))
  await store.delete(keys.secret('mine'))
  const result = await merge({ Records: [record('mine', 'm1', body)] }, { ...env, store })
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] })
  expect(await store.list(keys.shards('mine'))).toEqual([])
})

test('a message that is sent again has the same id, and the id cannot be guessed without the secret of the run', async () => {
  const sent: QueueMessage[] = []
  const queue = { send: async (messages: readonly QueueMessage[]) => void sent.push(...messages) }
  const store = await storeWith('mine', 'theirs')
  const secrets = { mine: await secretOf(store, 'mine'), theirs: await secretOf(store, 'theirs') }
  const message = { id: 'theirs-0-0-17', group: 'theirs#0', body: 'text' }
  await signing(queue, secrets.theirs).send([message, message])
  await signing(queue, secrets.theirs).send([{ ...message, id: 'theirs-0-0-18' }])
  await signing(queue, secrets.mine).send([message])
  const [first, repeated, next, forged] = sent.map(({ id }) => id)
  expect(repeated).toBe(first)
  expect(new Set([message.id, first, next, forged]).size).toBe(4)
  // SQS accepts this string as a message id.
  expect(first).toMatch(/^[\w-]{1,128}$/)
  expect(sent.map(({ group }) => group)).toEqual(sent.map(() => 'theirs#0'))
})
