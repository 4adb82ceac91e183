import { DeleteMessageCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'

/** The maximum number of batches that one call of `receiveAll` reads. The next call reads the remaining messages. */
const mostBatches = 200

/**
 * Reads a queue's messages in batches of up to 10 messages, and passes each batch to `take`. Ends when a read returns no message, or after
 * `mostBatches` batches. Deletes the messages that `take` has handled.
 * @param take returns the messages that it has handled
 */
export async function receiveAll(
  client: SQSClient,
  url: string,
  take: (messages: Message[]) => Promise<readonly Message[]>,
): Promise<void> {
  for (let batch = 0; batch < mostBatches; batch++) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['MessageGroupId'],
      }),
    )
    if (Messages.length === 0) return
    const taken = await take(Messages)
    await Promise.all(
      taken.map(async ({ ReceiptHandle }) => client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }))),
    )
  }
}
