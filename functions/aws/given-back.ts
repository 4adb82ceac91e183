import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { QueueEvent, QueueResponse } from '../ports.ts'
import { redeliveryMs } from '../redelivery.ts'

/**
 * Makes the messages that a merge gives back visible again when they are due. Otherwise they, and their message group, would stay invisible
 * for the queue's whole visibility timeout.
 * @throws the SDK's error; then the messages come again after that timeout
 */
export async function giveBack(
  { client, queueUrl: QueueUrl }: { client: SQSClient; queueUrl: string },
  { Records }: QueueEvent,
  { batchItemFailures }: QueueResponse,
): Promise<void> {
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  const back = Records.filter(({ messageId }) => failed.has(messageId))
  // One call per message, because a batch hides the failures in it.
  await Promise.all(
    back.map(({ receiptHandle: ReceiptHandle, attributes }) => {
      const VisibilityTimeout = Math.ceil(redeliveryMs(Number(attributes.ApproximateReceiveCount ?? 1)) / 1000)
      return client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }))
    }),
  )
}
