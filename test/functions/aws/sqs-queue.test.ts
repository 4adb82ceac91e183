import { SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, describe, expect, test } from 'vitest'
import { clientSettings } from '../../../functions/aws/settings.ts'
import { SqsQueue } from '../../../functions/aws/sqs-queue.ts'
import { type SmallSqs, startSmallSqs } from './small-sqs.ts'

let sqs: SmallSqs
afterEach(async () => sqs.close())

async function startQueue(): Promise<SqsQueue> {
  sqs = await startSmallSqs()
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
  // The URL is AWS's, and the endpoint an emulator's.
  const place = { endpoint: sqs.origin, region: 'us-east-1', credentials, useQueueUrlAsEndpoint: false }
  const client = new SQSClient({ ...clientSettings({ sockets: 4, patienceMs: 5000 }), ...place })
  return new SqsQueue(client, 'https://sqs.us-east-1.amazonaws.com/1/windows.fifo')
}

const message = (k: number, body = `b${k}`) => ({ id: `r1-${k}-0-0`, group: 'r1#0', body })

describe('the queue on SQS', () => {
  test('sends each message with its group and its identity, ten at a time', async () => {
    const queue = await startQueue()
    await queue.send(Array.from({ length: 23 }, (_, k) => message(k)))
    expect(sqs.batches).toEqual([10, 10, 3])
    expect(sqs.held[7]).toMatchObject({ Body: 'b7', MessageGroupId: 'r1#0', MessageDeduplicationId: 'r1-7-0-0' })
  })

  test('keeps a batch within what SQS takes', async () => {
    const queue = await startQueue()
    const large = 'x'.repeat(400_000)
    await queue.send([0, 1, 2, 3, 4].map((k) => message(k, large)))
    expect(sqs.batches).toEqual([2, 2, 1])
  })

  test('refuses a message that SQS would not take, before anything is sent of its batch', async () => {
    const queue = await startQueue()
    await expect(queue.send([message(0, 'ä'.repeat(600_000))])).rejects.toThrow('message r1-0-0-0 has 1200000 bytes')
    expect(sqs.batches).toEqual([])
  })

  test('sends again only what was not taken', async () => {
    const queue = await startQueue()
    sqs.refusals.push((index) => (index === 1 ? 'busy' : undefined))
    await queue.send([message(0), message(1), message(2)])
    expect(sqs.batches).toEqual([3, 1])
    expect(sqs.held.map(({ Body }) => Body)).toEqual(['b0', 'b2', 'b1'])
  })

  test('fails when the message itself is at fault', async () => {
    const queue = await startQueue()
    sqs.refusals.push(() => 'SenderFault')
    await expect(queue.send([message(0)])).rejects.toMatchObject({ exitCode: 97 })
    expect(sqs.batches).toEqual([1])
  })

  test('gives what SQS takes for an identity, and different ones for different messages', async () => {
    const queue = await startQueue()
    const long = 'r'.repeat(128)
    await queue.send([1, 2].map((k) => ({ ...message(k), id: `${long}-0-0-${k}`, group: `${long}#0` })))
    const ids = sqs.held.map(({ MessageDeduplicationId }) => MessageDeduplicationId)
    expect(new Set(ids).size).toBe(2)
    expect(ids[0]?.length).toBeLessThanOrEqual(128)
    expect(sqs.held[0]?.MessageGroupId?.length).toBeLessThanOrEqual(128)
  })
})
