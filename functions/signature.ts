import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { BurstError } from '../core/errors.ts'
import type { RunPlan } from '../core/plan/plan.ts'
import { keys } from './keys.ts'
import type { Queue, QueueMessage, Store } from './ports.ts'

/** Matches the body of a signed message: an HMAC-SHA-256 signature, a dot and the signed string. */
const envelope = /^([\w-]{43})\.([^]*)$/

/** Returns the signed string of a message, and the signature if the message has one. */
export function opened(body: string): { text: string; signature: string | undefined } {
  const [, signature, text] = envelope.exec(body) ?? []
  return text === undefined ? { text: body, signature: undefined } : { text, signature }
}

/** Returns the string with a signature in front. The signature can be computed only with the secret. */
export function signed(secret: string, text: string): string {
  return `${signatureOf(secret, text)}.${text}`
}

export function isSignedWith(
  secret: string,
  { text, signature = '' }: { text: string; signature?: string | undefined },
): boolean {
  return areEqual(signatureOf(secret, text), signature)
}

/**
 * Returns the mark for the events with which the stages of a run are invoked. Lambda's record of a failed invocation contains the event, so the mark
 * proves that the record belongs to an invocation of this run. The mark can be computed only with the secret.
 */
export function markOf(secret: string): string {
  return signatureOf(secret, 'invocation')
}

/** Returns whether two strings are equal. The duration of the comparison does not depend on the position at which the strings differ. */
export function areEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function signatureOf(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}

/** Creates the secret of a new run and records in the plan that messages are signed. The workers of the run sign their messages with the secret. */
export async function withSecret(store: Store, plan: RunPlan): Promise<RunPlan> {
  await store.put(keys.secret(plan.run), randomBytes(32).toString('hex'))
  return { ...plan, signed: true }
}

/**
 * Returns the secret of a run.
 * @throws BurstError (97) when the secret is missing
 */
export async function secretOf(store: Store, run: string): Promise<string> {
  const stored = await store.get(keys.secret(run))
  if (stored?.body) return stored.body
  throw new BurstError('runFailed', `the secret of run ${run} is not in the store`)
}

/**
 * Returns a queue that signs its messages and uses ids that cannot be guessed without the secret. A different run may be able to send messages to the
 * groups of this run. If that run could guess the id of a message, it could send a false message with this id first. The queue would then drop the
 * real message as a duplicate.
 */
export function signing(queue: Queue, secret: string): Queue {
  const sealed = ({ id, group, body }: QueueMessage): QueueMessage => ({
    id: signatureOf(secret, id),
    group,
    body: signed(secret, body),
  })
  return { send: async (messages) => queue.send(messages.map(sealed)) }
}
