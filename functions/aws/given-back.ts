import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { QueueEvent, QueueResponse } from '../ports.ts'
import { redeliveryMs } from '../redelivery.ts'

/**
 * Makes what a merge gives back visible when it is due again. Else it would stay invisible for the queue's whole visibility timeout, and its
 * message group with it.
 * @throws what the SDK throws; then the messages come again after that timeout
 */
export async function giveBack(
  { client, queueUrl: QueueUrl }: { client: SQSClient; queueUrl: string },
  { Records }: QueueEvent,
  { batchItemFailures }: QueueResponse,
): Promise<void> {
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  const back = Records.filter(({ messageId }) => failed.has(messageId))
  // One call each: a batch hides what fails in it.
  await Promise.all(
    back.map(({ receiptHandle: ReceiptHandle, attributes }) => {
      const VisibilityTimeout = Math.ceil(redeliveryMs(Number(attributes.ApproximateReceiveCount ?? 1)) / 1000)
      return client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }))
    }),
  )
}
