import { type InvocationContext, environmentOf, listIn } from '../aws/environment.ts'
import { s3Store, stackBucket } from '../aws/s3-store.ts'
import { setting } from '../aws/settings.ts'
import { sqsQueue } from '../aws/sqs-queue.ts'
import type { WorkerEvent } from '../events.ts'
import { work } from './handler.ts'

// Few sockets and little patience: the descriptors are the users', and a control that cannot be read is soon read again.
const needs = { sockets: 4, patienceMs: 5_000 }
const ports = {
  store: s3Store(stackBucket(), needs),
  queue: sqsQueue(setting('BURST_QUEUE_URL'), { ...needs, patienceMs: 10_000 }),
  allow: listIn(setting('BURST_ALLOW')),
}

/** Runs a slice on Lambda. */
export async function handler(event: WorkerEvent, context: InvocationContext): Promise<void> {
  const { run, slice, attempt } = event
  await work(event, environmentOf(ports, context, { stage: 'worker', run, slice, attempt }))
}
