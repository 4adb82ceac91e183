import { SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, describe, expect, test } from 'vitest'
import { messageBytes } from '../../../core/window/codec/split.ts'
import { clientSettings } from '../../../functions/aws/client-settings.ts'
import { SqsQueue } from '../../../functions/aws/sqs-queue.ts'
import { type SmallSqs, startSmallSqs } from './small-sqs.ts'

let sqs: SmallSqs
afterEach(async () => sqs.close())

async function startQueue(): Promise<SqsQueue> {
  sqs = await startSmallSqs()
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
  // The URL of the queue contains the host of AWS, but the client must use the endpoint of the emulator.
  const place = { endpoint: sqs.origin, region: 'us-east-1', credentials, useQueueUrlAsEndpoint: false }
  const client = new SQSClient({ ...clientSettings({ sockets: 4, patienceMs: 5000 }), ...place })
  return new SqsQueue(client, 'https://sqs.us-east-1.amazonaws.com/1/windows.fifo')
}

const message = (k: number, body = `b${k}`) => ({ id: `r1-${k}-0-0`, group: 'r1#0', body })

describe('the queue on SQS', () => {
  test('the queue sends each message with its group and its id', async () => {
    const queue = await startQueue()
    await queue.send(Array.from({ length: 3 }, (_, k) => message(k)))
    expect(sqs.held.map(({ Body }) => Body)).toEqual(['b0', 'b1', 'b2'])
    expect(sqs.held[1]).toMatchObject({ MessageGroupId: 'r1#0', MessageDeduplicationId: 'r1-1-0-0' })
  })

  test('the queue sends the largest message that a worker makes, and does not send a message that is too large for SQS', async () => {
    const queue = await startQueue()
    await queue.send([message(0, 'x'.repeat(messageBytes))])
    await expect(queue.send([message(1, 'ä'.repeat(600_000))])).rejects.toThrow('message r1-1-0-0 has 1200000 bytes')
    expect(sqs.held).toHaveLength(1)
  })

  test('the queue counts both the messages that are waiting and the messages that are being merged', async () => {
    const queue = await startQueue()
    expect(await queue.waiting()).toBe(0)
    await queue.send([message(0), message(1)])
    for (const one of sqs.held.slice(0, 1)) one.taken = true
    expect(await queue.waiting()).toBe(2)
  })

  test('the queue sends a message again when SQS was too busy to accept it', async () => {
    const queue = await startQueue()
    sqs.mishaps.push(503, 500)
    await queue.send([message(0)])
    expect(sqs.held).toHaveLength(1)
  })

  test('the queue fails when SQS refuses a message', async () => {
    const queue = await startQueue()
    sqs.mishaps.push(403)
    await expect(queue.send([message(0)])).rejects.toMatchObject({ name: 'Refused' })
  })

  test('the queue converts message ids into ids that SQS accepts, and different messages still have different ids', async () => {
    const queue = await startQueue()
    const long = 'r'.repeat(128)
    await queue.send([1, 2].map((k) => ({ ...message(k), id: `${long}-0-0-${k}`, group: `${long}#0` })))
    const ids = sqs.held.map(({ MessageDeduplicationId }) => MessageDeduplicationId)
    expect(new Set(ids).size).toBe(2)
    expect(ids[0]?.length).toBeLessThanOrEqual(128)
    expect(sqs.held[0]?.MessageGroupId?.length).toBeLessThanOrEqual(128)
  })
})
