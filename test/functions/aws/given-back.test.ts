import { SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, expect, test } from 'vitest'
import { giveBack } from '../../../functions/aws/given-back.ts'
import { redeliveryMs } from '../../../functions/redelivery.ts'
import { receiveAll } from '../../../functions/aws/received.ts'
import { type SmallSqs, startSmallSqs } from './small-sqs.ts'

let sqs: SmallSqs
afterEach(async () => sqs.close())

test('messages that a merge returns to the queue become visible immediately, or with a delay if they were delivered often', async () => {
  sqs = await startSmallSqs(['a', 'b', 'c'])
  const client = new SQSClient({
    endpoint: sqs.origin,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  })
  const queueUrl = `${sqs.origin}/queue`
  const seen: string[][] = []
  const receive = async (): Promise<void> =>
    receiveAll(client, queueUrl, async (messages) => {
      seen.push(messages.map(({ Body = '' }) => Body))
      return []
    })
  await receive()
  const record = (k: number, ApproximateReceiveCount: string) => ({
    messageId: `id-${k}`,
    receiptHandle: `m${k}`,
    body: '',
    attributes: { MessageGroupId: 'r1#0', ApproximateReceiveCount },
  })
  const event = { Records: [record(0, '1'), record(1, '1'), record(2, '9')] }
  await giveBack({ client, queueUrl }, event, { batchItemFailures: [] })
  await receive()
  const back = [{ itemIdentifier: 'id-1' }, { itemIdentifier: 'id-2' }]
  await giveBack({ client, queueUrl }, event, { batchItemFailures: back })
  await receive()
  expect(seen).toEqual([['a', 'b', 'c'], ['b']])
})

test('a message that keeps failing is redelivered over several minutes', () => {
  const waits = Array.from({ length: 19 }, (_, k) => redeliveryMs(k + 1))
  expect(waits.slice(0, 5)).toEqual([0, 0, 0, 1000, 2000])
  expect(Math.max(...waits)).toBe(30_000)
  expect(waits.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(5 * 60_000)
})
