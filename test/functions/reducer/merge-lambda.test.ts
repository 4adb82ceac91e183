import { SQSClient } from '@aws-sdk/client-sqs'
import { expect, test, vi } from 'vitest'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import { receiveAll } from '../../../functions/aws/received.ts'
import type { QueueEvent } from '../../../functions/ports.ts'
import { messageOf } from '../../fixtures/windows.ts'
import { startSmallSqs } from '../aws/small-sqs.ts'

test('if the merge function has no time left for some messages, they become visible in the queue immediately', async ({
  onTestFinished,
}) => {
  const sqs = await startSmallSqs([0, 1].map((sequence) => encodeMessage(messageOf({ run: 'r1', sequence }))))
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await sqs.close()
  })
  const settings = {
    BURST_BUCKET: 'runs',
    BURST_ACCOUNT: '111122223333',
    BURST_BUILD: messageOf().build,
    BURST_QUEUE_URL: `${sqs.origin}/queue`,
    AWS_ENDPOINT_URL_SQS: sqs.origin,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 's',
  }
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  const { handler } = await import('../../../functions/reducer/merge-lambda.ts')
  const received: QueueEvent['Records'][number][] = []
  await receiveAll(new SQSClient({ endpoint: sqs.origin }), `${sqs.origin}/queue`, async (messages) => {
    for (const { MessageId = '', ReceiptHandle = '', Body = '' } of messages) {
      const attributes = { MessageGroupId: 'r1#0', ApproximateReceiveCount: '1' }
      received.push({ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes })
    }
    return []
  })
  expect(sqs.held.map(({ taken }) => taken)).toEqual([true, true])
  const response = await handler({ Records: received }, { getRemainingTimeInMillis: () => 1_000 })
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'm0' }, { itemIdentifier: 'm1' }])
  expect(sqs.held.map(({ taken }) => taken)).toEqual([false, false])
})
