import { BurstError } from '../../core/errors.ts'
import { type InvocationContext, environmentOf, listIn } from '../aws/environment.ts'
import { removeLeftFolders } from '../files/left-folders.ts'
import { runStore, stackBucket } from '../aws/s3-store.ts'
import { setting } from '../aws/client-settings.ts'
import type { HookEvent, WindowHookEvent } from '../events.ts'
import { carryOutHook } from './hook-stage.ts'

const needs = { sockets: 4, patienceMs: 10_000 }
const place = { bucket: stackBucket(), allow: listIn(setting('BURST_ALLOW')) }

/** Runs a hook on Lambda. Uses the credentials of the run, because the role of the function has no access to runs. */
export async function handler(event: HookEvent | WindowHookEvent, context: InvocationContext): Promise<void> {
  const { credentials, run } = event
  await removeLeftFolders()
  if (!credentials) throw new BurstError('runFailed', 'the invocation does not contain the credentials for its run')
  const ports = { store: runStore(place.bucket, { ...needs, credentials }), allow: place.allow }
  await carryOutHook(event, environmentOf(ports, context, { stage: 'hook', run }))
}
