import { BurstError } from '../errors.ts'
import type { AttemptLedger, Sequences } from './shard.ts'

/** The maximum number of missing sequence numbers of an attempt. A queue reorders at most tens of messages, so exceeding this maximum is an error. */
export const reorderCap = 10_000

/** Returns an empty set of sequence numbers. */
export function noSequences(): Sequences {
  return { next: 0, missing: [] }
}

export function hasSequence(sequences: Sequences, sequence: number): boolean {
  return sequence < sequences.next && !sequences.missing.includes(sequence)
}

/**
 * Adds a sequence number to the set.
 * @throws BurstError (97) when more than `reorderCap` numbers would then be missing; in this case, the set does not change
 */
export function note(sequences: Sequences, sequence: number): 'new' | 'repeat' {
  if (hasSequence(sequences, sequence)) return 'repeat'
  if (sequence < sequences.next) {
    sequences.missing.splice(sequences.missing.indexOf(sequence), 1)
    return 'new'
  }
  if (sequence - sequences.next + sequences.missing.length > reorderCap) {
    throw new BurstError('runFailed', `message ${sequence} arrived, but message ${sequences.next} was due`)
  }
  for (let skipped = sequences.next; skipped < sequence; skipped++) sequences.missing.push(skipped)
  sequences.next = sequence + 1
  return 'new'
}

/** Returns whether all messages of the attempt have been merged, including its final message. */
export function isWhole(attempt: Pick<AttemptLedger, 'received' | 'finalSequence'>): boolean {
  const { received, finalSequence } = attempt
  return finalSequence !== null && received.next === finalSequence + 1 && received.missing.length === 0
}

/**
 * Returns the ranges `[from, to]` of missing messages, both ends included. A message is missing if it was not merged, but a later message was merged.
 * The ranges do not contain messages after the last merged message. If such messages exist, `finalSequence` is null.
 */
export function gaps(attempt: Pick<AttemptLedger, 'received'>): [from: number, to: number][] {
  const ranges: [from: number, to: number][] = []
  for (const sequence of attempt.received.missing) {
    const last = ranges.at(-1)
    if (last?.[1] === sequence - 1) last[1] = sequence
    else ranges.push([sequence, sequence])
  }
  return ranges
}
