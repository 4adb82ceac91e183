import { BurstError } from '../../core/errors.ts'
import { type AwsPorts, type InvocationContext, environmentOf, listIn } from '../aws/environment.ts'
import { removeLeftFolders } from '../files/left-folders.ts'
import { runStore, stackBucket } from '../aws/s3-store.ts'
import { setting } from '../aws/client-settings.ts'
import { sqsQueue } from '../aws/sqs-queue.ts'
import type { WorkerEvent } from '../events.ts'
import { work } from './handler.ts'

// The function's own calls use few sockets, because the users of the scenario need the file descriptors. A failed call is tried again only for a
// short time, because the worker soon reads the control file again anyway.
const needs = { sockets: 4, patienceMs: 5_000 }
const place = { bucket: stackBucket(), queueUrl: setting('BURST_QUEUE_URL'), allow: listIn(setting('BURST_ALLOW')) }

/** Runs a slice on Lambda with the credentials of the run, because the function's own role has no access to runs. */
export async function handler(event: WorkerEvent, context: InvocationContext): Promise<void> {
  const { run, slice, attempt } = event
  await removeLeftFolders()
  await work(event, environmentOf(portsOf(event), context, { stage: 'worker', run, slice, attempt }))
}

function portsOf({ credentials }: WorkerEvent): AwsPorts {
  if (!credentials) throw new BurstError('runFailed', 'the invocation does not contain the credentials for its run')
  return {
    store: runStore(place.bucket, { ...needs, credentials }),
    queue: sqsQueue(place.queueUrl, { ...needs, patienceMs: 10_000, credentials }),
    allow: place.allow,
  }
}
