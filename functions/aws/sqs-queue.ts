import {
  type BatchResultErrorEntry,
  SQSClient,
  type SendMessageBatchRequestEntry,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { BurstError } from '../../core/errors.ts'
import type { Queue, QueueMessage } from '../ports.ts'
import { type ClientNeeds, clientSettings, isEmulated } from './settings.ts'

/** SQS takes 1 MiB per message and per batch, attributes included (SQS Developer Guide, "Message quotas"). */
const mostBytes = 1_048_576 - 8_192
const mostMessages = 10
const tries = 5

/** The FIFO queue between workers and reducers. */
export class SqsQueue implements Queue {
  readonly #client: SQSClient
  readonly #url: string

  constructor(client: SQSClient, url: string) {
    this.#client = client
    this.#url = url
  }

  /** @throws BurstError (97) when a message is too large, or SQS does not take one */
  async send(messages: readonly QueueMessage[]): Promise<void> {
    for (const batch of batchesOf(messages)) await this.#sendBatch(batch)
  }

  /** SQS may take some of a batch and not others. */
  async #sendBatch(batch: readonly QueueMessage[]): Promise<void> {
    let left = batch.map(entryOf)
    for (let k = 1; ; k++) {
      const { Failed = [] } = await this.#client.send(
        new SendMessageBatchCommand({ QueueUrl: this.#url, Entries: left }),
      )
      const failed = new Set(Failed.map(({ Id }) => Id))
      left = left.filter(({ Id }) => failed.has(Id))
      if (left.length === 0) return
      if (k === tries || Failed.some(({ SenderFault }) => SenderFault)) throw refused(Failed)
      await sleep(100 * 2 ** k * (0.5 + Math.random()))
    }
  }
}

/** The queue of a function's stack. */
export function sqsQueue(url: string, needs: ClientNeeds): SqsQueue {
  return new SqsQueue(sqsClient(needs), url)
}

/** Queue URLs name a host, which is not where an emulator is. */
export function sqsClient(needs: ClientNeeds): SQSClient {
  return new SQSClient({ ...clientSettings(needs), useQueueUrlAsEndpoint: !isEmulated('SQS') })
}

function* batchesOf(messages: readonly QueueMessage[]): Iterable<QueueMessage[]> {
  let batch: QueueMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = Buffer.byteLength(message.body)
    if (size > mostBytes) {
      throw new BurstError('runFailed', `message ${message.id} has ${size} bytes; SQS takes ${mostBytes}`)
    }
    if (batch.length === mostMessages || (batch.length > 0 && bytes + size > mostBytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(message)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

function entryOf({ id, group, body }: QueueMessage, index: number): SendMessageBatchRequestEntry {
  return {
    Id: String(index),
    MessageBody: body,
    MessageGroupId: acceptable(group),
    MessageDeduplicationId: acceptable(id),
  }
}

/** As it is, where SQS takes it; else something as distinct. */
function acceptable(id: string): string {
  return /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/.test(id) ? id : createHash('sha256').update(id).digest('hex')
}

function refused(failed: readonly BatchResultErrorEntry[]): BurstError {
  const [first] = failed
  return new BurstError('runFailed', `SQS does not take a message: ${first?.Code}: ${first?.Message ?? ''}`)
}
