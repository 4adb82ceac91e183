import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { QueueEvent, QueueResponse } from '../ports.ts'
import { redeliveryMs } from '../reducer/redelivery.ts'

/**
 * Makes what a merge gives back visible when it is due again. Else it would stay invisible for the queue's whole visibility timeout, and its
 * message group with it.
 * @throws what the SDK throws; then the messages come again after that timeout
 */
export async function giveBack(
  { client, queueUrl }: { client: SQSClient; queueUrl: string },
  { Records }: QueueEvent,
  { batchItemFailures }: QueueResponse,
): Promise<void> {
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  const Entries = Records.filter(({ messageId }) => failed.has(messageId)).map(({ receiptHandle, attributes }, k) => ({
    Id: String(k),
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: Math.ceil(redeliveryMs(Number(attributes.ApproximateReceiveCount ?? 1)) / 1000),
  }))
  if (Entries.length === 0) return
  await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }))
}
