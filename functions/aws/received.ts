import { DeleteMessageCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'

/** A queue never holds so much for one reader that this many batches would not be enough; the rest comes the next time. */
const mostBatches = 200

/**
 * Hands a queue's messages out until none comes, and deletes those that were taken.
 * @param take gives back those of the messages that are dealt with
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
