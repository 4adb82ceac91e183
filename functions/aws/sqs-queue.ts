import { GetQueueAttributesCommand, SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs'
import { createHash } from 'node:crypto'
import { BurstError } from '../../core/errors.ts'
import type { Queue, QueueMessage } from '../ports.ts'
import type { RunCredentials } from '../events.ts'
import { type ClientNeeds, clientSettings, isEmulated } from './client-settings.ts'

/**
 * The maximum size of a message's body in bytes. SQS accepts at most 1 MiB for the body and the attributes of a message (SQS Developer Guide,
 * "Message quotas"). burst keeps a reserve of 8 KiB.
 */
const mostBytes = 1_048_576 - 8_192

/** The FIFO queue between workers and reducers. */
export class SqsQueue implements Queue {
  readonly #client: SQSClient
  readonly #url: string

  constructor(client: SQSClient, url: string) {
    this.#client = client
    this.#url = url
  }

  /**
   * Sends the messages one after another, and not as a batch. A batch would have no advantage: a worker rarely has several messages, and in SQS the
   * maximum size of a whole batch equals the maximum size of a single message.
   * @throws BurstError (97) when a message is too large
   */
  async send(messages: readonly QueueMessage[]): Promise<void> {
    for (const { id, group, body } of messages) {
      const size = Buffer.byteLength(body)
      if (size > mostBytes) {
        throw new BurstError('runFailed', `message ${id} has ${size} bytes; SQS accepts at most ${mostBytes}`)
      }
      await this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#url,
          MessageBody: body,
          MessageGroupId: acceptable(group),
          MessageDeduplicationId: acceptable(id),
        }),
      )
    }
  }

  /** Returns the queue's approximate number of messages, including the messages that are being merged. */
  async waiting(): Promise<number> {
    const command = new GetQueueAttributesCommand({ QueueUrl: this.#url, AttributeNames: counts.slice() })
    const { Attributes = {} } = await this.#client.send(command)
    return counts.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0)
  }
}

const counts = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const

/** Returns the queue of a function's stack. */
export function sqsQueue(url: string, needs: ClientNeeds & { credentials?: RunCredentials }): SqsQueue {
  return new SqsQueue(sqsClient(needs), url)
}

/**
 * Creates a client for SQS. On AWS, the client uses the host in the queue's URL. With an emulator, the client does not use this host, because it is
 * never the address of the emulator.
 */
export function sqsClient({ credentials, ...needs }: ClientNeeds & { credentials?: RunCredentials }): SQSClient {
  return new SQSClient({
    ...clientSettings(needs),
    ...(credentials && { credentials }),
    useQueueUrlAsEndpoint: !isEmulated('SQS'),
  })
}

/** Returns the id if SQS accepts this id; otherwise, a hash of the id. */
function acceptable(id: string): string {
  return /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/.test(id) ? id : createHash('sha256').update(id).digest('hex')
}
