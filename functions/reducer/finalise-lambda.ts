import { drainDeadLetters } from './dead-letters.ts'
import { type InvocationContext, environmentOf } from '../aws/environment.ts'
import { s3Store, stackBucket } from '../aws/s3-store.ts'
import { setting } from '../aws/client-settings.ts'
import { sqsClient } from '../aws/sqs-queue.ts'
import type { FinaliseEvent } from '../events.ts'
import { finalise } from './finalise.ts'

const needs = { sockets: 32, patienceMs: 30_000 }
const ports = { store: s3Store(stackBucket(), needs) }
const queue = sqsClient(needs)
const deadLetters = setting('BURST_DEAD_LETTER_QUEUE_URL')

/** Makes a run's report on Lambda. */
export async function handler(event: FinaliseEvent, context: InvocationContext): Promise<void> {
  const env = environmentOf(ports, context, { stage: 'finalise', run: event.run })
  await drainDeadLetters(queue, deadLetters, env)
  await finalise(event, env)
}
