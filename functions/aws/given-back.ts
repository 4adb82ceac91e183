import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { QueueEvent, QueueResponse } from '../ports.ts'
import { redeliveryMs } from '../redelivery.ts'

/**
 * A merge returns some messages to the queue. This function sets the time at which each of these messages becomes visible again. Without this call, a
 * returned message and its whole message group would stay invisible until the queue's visibility timeout expires.
 * @throws the error of the SDK. The messages then become visible when the timeout expires.
 */
export async function giveBack(
  { client, queueUrl: QueueUrl }: { client: SQSClient; queueUrl: string },
  { Records }: QueueEvent,
  { batchItemFailures }: QueueResponse,
): Promise<void> {
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  const back = Records.filter(({ messageId }) => failed.has(messageId))
  // Makes one call per message, because a batch call succeeds even if some of its messages fail.
  await Promise.all(
    back.map(({ receiptHandle: ReceiptHandle, attributes }) => {
      const VisibilityTimeout = Math.ceil(redeliveryMs(Number(attributes.ApproximateReceiveCount ?? 1)) / 1000)
      return client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }))
    }),
  )
}
