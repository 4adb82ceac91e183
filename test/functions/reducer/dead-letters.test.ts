import { SQSClient } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import { decodeShardState } from '../../../core/shard/shard-codec.ts'
import { drainDeadLetters } from '../../../functions/reducer/dead-letters.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment } from '../../../functions/ports.ts'
import { cellOf, intervalOf, messagesOf, planOf } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'
import { startSmallSqs } from '../aws/small-sqs.ts'

function clientOf(endpoint: string): SQSClient {
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
  return new SQSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
}

function environment(store: MemoryStore, lines: string[]): Environment {
  const unused = async (): Promise<never> => Promise.reject(new Error('not needed'))
  return {
    store,
    queue: { send: unused },
    invoker: { invoke: unused, failed: unused },
    clock: { nowMs: () => Date.now(), sleep: async () => undefined },
    build: 'build-1',
    remainingMs: () => 900_000,
    log: (event) => lines.push(event),
  }
}

test('dead letters (messages that the queue no longer delivers) are merged, and unreadable dead letters are set aside', async () => {
  const store = new MemoryStore()
  const plan = planOf()
  await store.put(keys.plan(plan.run), JSON.stringify(plan))
  const content = intervalOf({ slice: 0, attempt: 0, second: 0, cells: [cellOf('GET', '/', [5, 6])] })
  const bodies = messagesOf([{ window: 0, content }], 0, 0).map(encodeMessage)
  const sqs = await startSmallSqs([...bodies, 'no message'])
  try {
    await drainDeadLetters(clientOf(sqs.origin), `${sqs.origin}/1/dead.fifo`, environment(store, []))
    const state = decodeShardState((await store.get(keys.shard(plan.run, 0)))?.body ?? '')
    expect([...state.attempts.values()]).toHaveLength(1)
    expect(await store.list(keys.unreadables(plan.run))).toHaveLength(1)
    expect(sqs.held).toEqual([])
  } finally {
    await sqs.close()
  }
})

test('if messages cannot be merged because the store fails, the messages stay in the queue', async () => {
  const store = new MemoryStore()
  store.put = async () => Promise.reject(new Error('the store is down'))
  const sqs = await startSmallSqs(['no message'])
  try {
    await drainDeadLetters(clientOf(sqs.origin), `${sqs.origin}/1/dead.fifo`, environment(store, []))
    expect(sqs.held).toHaveLength(1)
  } finally {
    await sqs.close()
  }
})

test('a report is made without the messages in the dead-letter queue if that queue cannot be read', async () => {
  const lines: string[] = []
  const sqs = await startSmallSqs()
  await sqs.close()
  await drainDeadLetters(clientOf(sqs.origin), `${sqs.origin}/1/dead.fifo`, environment(new MemoryStore(), lines))
  expect(lines).toEqual(['the dead letters could not be read'])
})
