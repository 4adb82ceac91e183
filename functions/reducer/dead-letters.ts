import type { SQSClient } from '@aws-sdk/client-sqs'
import type { Environment } from '../ports.ts'
import { merge } from './merge.ts'
import { receiveAll } from '../aws/received.ts'

/**
 * Merges the dead letters of all runs. A dead letter is a message that the queue no longer delivers, because its merge has failed several times. A
 * message that is late or unreadable is stored with the data of its run instead of being merged. Does not throw: if the dead letters cannot be read,
 * the report is made without them, and says that messages are missing.
 */
export async function drainDeadLetters(client: SQSClient, queueUrl: string, env: Environment): Promise<void> {
  try {
    await receiveAll(client, queueUrl, async (messages) => {
      const records = messages.map(({ MessageId = '', Body = '', Attributes }) => ({
        messageId: MessageId,
        body: Body,
        attributes: { MessageGroupId: Attributes?.MessageGroupId ?? '' },
      }))
      const { batchItemFailures } = await merge({ Records: records }, env)
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
      return messages.filter(({ MessageId = '' }) => !failed.has(MessageId))
    })
  } catch (error) {
    env.log('the dead letters could not be read', { error: error instanceof Error ? error.message : String(error) })
  }
}
