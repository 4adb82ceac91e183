import { type InvocationContext, environmentOf } from '../aws/environment.ts'
import { s3Store, stackBucket } from '../aws/s3-store.ts'
import type { QueueEvent, QueueResponse } from '../ports.ts'
import { merge } from './merge.ts'

const ports = { store: s3Store(stackBucket(), { sockets: 16, patienceMs: 4_000 }) }

/** Merges a batch on Lambda. */
export async function handler(event: QueueEvent, context: InvocationContext): Promise<QueueResponse> {
  return merge(event, environmentOf(ports, context, { stage: 'merge' }))
}
