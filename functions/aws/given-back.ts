import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { QueueEvent, QueueResponse } from '../ports.ts'
import { redeliveryMs } from '../redelivery.ts'

/**
 * A merge returns messages to the queue. For each of these messages, sets the time at which the message becomes visible again. Without this call, the
 * message and its whole message group would stay invisible until the visibility timeout of the queue.
 * @throws the error of the SDK; the messages then become visible after the timeout
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
