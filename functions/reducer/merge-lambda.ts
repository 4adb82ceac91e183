import { type InvocationContext, environmentOf } from '../aws/environment.ts'
import { giveBack } from '../aws/given-back.ts'
import { s3Store, stackBucket } from '../aws/s3-store.ts'
import { setting } from '../aws/client-settings.ts'
import { sqsClient } from '../aws/sqs-queue.ts'
import type { QueueEvent, QueueResponse } from '../ports.ts'
import { merge } from './merge.ts'

const ports = { store: s3Store(stackBucket(), { sockets: 16, patienceMs: 4_000 }) }
const queue = { client: sqsClient({ sockets: 4, patienceMs: 1_000 }), queueUrl: setting('BURST_QUEUE_URL') }

/** Merges a batch on Lambda. */
export async function handler(event: QueueEvent, context: InvocationContext): Promise<QueueResponse> {
  const env = environmentOf(ports, context, { stage: 'merge' })
  const response = await merge(event, env)
  try {
    await giveBack(queue, event, response)
  } catch (error) {
    // A failure of this call is only logged, because the queue will deliver the messages again even without this call, though later.
    env.log('messages could not be returned to the queue immediately', { error: String(error) })
  }
  return response
}
