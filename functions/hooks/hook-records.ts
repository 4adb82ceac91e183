import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { place, text, textCaps } from '../../core/input/bounds.ts'
import { decode } from '../../core/input/decode.ts'
import type { BurstError } from '../../core/errors.ts'
import { keys } from '../keys.ts'
import type { Store } from '../ports.ts'

const failure = v.strictObject({
  reason: v.picklist(['runFailed', 'scenarioThrew']),
  message: text(textCaps.stack),
})

type HookFailure = v.InferOutput<typeof failure>

/**
 * This string is stored if a hook returned no value, or if a hook returned a value that JSON leaves out, such as a function. This string is also
 * stored if the result of `afterRun` is too large or is not JSON.
 */
export const noResult = 'undefined'

const claimed = 'claim '

/**
 * Returns a new claim. The object of a hook contains a claim until the hook has a result. Each claim is unique. If the store repeats the write of a
 * claim, the store can therefore distinguish the claim of this invocation from the claim of a different invocation.
 * @param invocation the name of the invocation that runs the hook. Absent in two cases: the claim is for a window (`onEvent`), or the claim only
 * prevents the hook from running.
 */
export function newClaim(invocation = ''): string {
  return `${claimed}${randomUUID()} ${invocation}`
}

/**
 * Returns the name of the invocation that runs the hook. The claim in the hook's object contains this name. Returns undefined if the object does not
 * contain a claim with a name.
 */
export function claimantOf(stored: { body: string } | undefined): string | undefined {
  const [, , invocation = ''] = stored?.body.startsWith(claimed) ? stored.body.split(' ', 3) : []
  return invocation === '' ? undefined : invocation
}

/** Returns the result in a hook's object; undefined if the object does not exist, is empty, or contains only a claim. */
export function hookAnswer(stored: { body: string } | undefined): string | undefined {
  return stored && stored.body !== '' && !stored.body.startsWith(claimed) ? stored.body : undefined
}

/**
 * Returns the result of `beforeRun`; undefined if `beforeRun` has no result or returned no value.
 * @throws BurstError (97) when the result cannot be read
 */
export async function hookResult(store: Store, run: string): Promise<unknown> {
  const body = hookAnswer(await store.get(keys.hook(run, 'beforeRun')))
  return body !== undefined && body !== noResult ? decode(v.unknown(), body, 'the result of beforeRun') : undefined
}

/** Returns the stored form of a hook's failure. */
export function encodeHookFailure({ reason, message }: Pick<BurstError, 'reason' | 'message'>): string {
  const stored: HookFailure = {
    reason: reason === 'scenarioThrew' ? reason : 'runFailed',
    message: message.slice(0, textCaps.stack),
  }
  return JSON.stringify(stored)
}

/**
 * Returns the stored failure of a hook.
 * @throws BurstError (97) when the failure cannot be read
 */
export function decodeHookFailure(body: string): HookFailure {
  return decode(failure, body, 'the failure of a hook')
}

const windowTold = v.strictObject({
  /** The last window of the grid that the event covered. */
  to: place,
  /** The message of the error that `onEvent` threw, or the reason why `onEvent` could not be called. Absent if `onEvent` succeeded. */
  error: v.exactOptional(text(textCaps.message)),
})
/** The result of `onEvent` for the event of a window. */
export type WindowTold = v.InferOutput<typeof windowTold>

/** Returns the stored form of the result of `onEvent` for an event. */
export function encodeWindowTold({ to, error }: WindowTold): string {
  return JSON.stringify({
    to,
    ...(error !== undefined && { error: error.slice(0, textCaps.message) }),
  } satisfies WindowTold)
}

/**
 * Decodes the stored result of `onEvent`.
 * @throws BurstError (97) when the result cannot be read
 */
export function decodeWindowTold(body: string): WindowTold {
  return decode(windowTold, body, 'the result of onEvent')
}
