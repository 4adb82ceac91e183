import { hasSequence, noSequences, note } from './ledger.ts'
import { addToGeneratorCounts } from '../window/generator-counts.ts'
import { addTotals, totalsOf } from '../window/totals.ts'
import { isArchived, keyOf } from './archive.ts'
import { mergeWindow } from '../window/merge-windows.ts'
import { forgetText } from './shard-codec.ts'
import type { AttemptLedger, ShardState } from './shard.ts'
import { type Window, emptyWindow } from '../window/window.ts'
import { type Totals, type WindowMessage, zeroTotals } from '../window/message.ts'

/**
 * Merges a message into the shard's state. If the message was already merged, only counts the repeat (`duplicatesDropped`). If the state is closed,
 * does nothing: a closed state never changes.
 * @throws BurstError (97) when the message's sequence number is too far ahead; in this case, the state does not change
 * @throws Error when the ledger of the message's attempt is still in an archive; the caller must first bring the ledger back into the state
 */
export function mergeMessage(state: ShardState, message: WindowMessage): 'merged' | 'repeat' | 'closed' {
  const key = keyOf(message)
  if (isArchived(state, message)) throw new Error(`the ledger of attempt ${key} is in an archive`)
  const attempt = state.attempts.get(key) ?? newAttempt(message)
  if (state.closed) return hasSequence(attempt.received, message.sequence) ? 'repeat' : 'closed'
  if (note(attempt.received, message.sequence) === 'repeat') {
    state.duplicatesDropped++
    return 'repeat'
  }
  state.attempts.set(key, attempt)
  state.clockMs = Math.max(state.clockMs, message.sentAt)
  const totals = totalsOf(message.content)
  state.merged = addTotals(state.merged, totals)
  enter(attempt, message, totals)
  addToGeneratorCounts(state.generator, message.content)
  let window = state.open.get(message.window)
  if (!window) state.open.set(message.window, (window = emptyWindow()))
  forgetText(window)
  mergeWindow(window, message.content)
  return 'merged'
}

/** Returns the ledger of a new attempt. `message` is the first message of the attempt, and the ledger does not contain it yet. */
export function newAttempt(message: WindowMessage): AttemptLedger {
  const { slice, attempt, window } = message
  return {
    slice,
    attempt,
    received: noSequences(),
    finalSequence: null,
    totals: zeroTotals,
    totalsSequence: -1,
    merged: zeroTotals,
    firstWindow: window,
    lastWindow: window,
    lastSentAt: 0,
    latestSecond: -1,
    users: 0,
    draining: 0,
    failure: null,
  }
}

function enter(attempt: AttemptLedger, message: WindowMessage, totals: Totals): void {
  if (message.sequence > attempt.totalsSequence) {
    attempt.totals = message.totals
    attempt.totalsSequence = message.sequence
  }
  if (message.final) attempt.finalSequence = Math.max(attempt.finalSequence ?? 0, message.sequence)
  if (message.final && message.handedOver) attempt.handedOver = true
  attempt.merged = addTotals(attempt.merged, totals)
  attempt.firstWindow = Math.min(attempt.firstWindow, message.window)
  attempt.lastWindow = Math.max(attempt.lastWindow, message.window)
  attempt.lastSentAt = Math.max(attempt.lastSentAt, message.sentAt)
  attempt.failure = message.failure ?? attempt.failure
  enterUsers(attempt, message.content)
}

/**
 * Updates the number of users in the latest second. If two messages contain the same second, only one of the messages has the number of users in this
 * second; the other message has 0. The two numbers are therefore added, as in the windows.
 */
function enterUsers(attempt: AttemptLedger, { seconds }: Window): void {
  for (const [second, cell] of seconds) {
    if (second < attempt.latestSecond) continue
    const same = second === attempt.latestSecond
    attempt.users = (same ? attempt.users : 0) + cell.users
    attempt.draining = (same ? attempt.draining : 0) + cell.draining
    attempt.latestSecond = second
  }
}

/**
 * Returns the open windows whose end, according to the shard's own clock, was more than two window lengths ago. Further messages for these windows
 * are not expected.
 */
export function sealable(state: ShardState, { startAt, windowMs }: { startAt: number; windowMs: number }): number[] {
  return [...state.open.keys()]
    .filter((window) => startAt + (window + 3) * windowMs < state.clockMs)
    .toSorted((a, b) => a - b)
}
