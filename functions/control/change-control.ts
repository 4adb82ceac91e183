import { type Control, type Stop, decodeControl, encodeControl } from '../../core/fleet/control.ts'
import { BurstError } from '../../core/errors.ts'
import { compareAndSwap } from './compare-and-swap.ts'
import { keys } from '../keys.ts'
import type { Clock, Store } from '../ports.ts'

type Place = { store: Store; clock: Clock }

/**
 * Changes a run's control file by read-modify-write, so that changes by other writers are not lost. Calls `change` again after a conflict. If
 * `change` returns undefined, the control file is not changed.
 * @returns the current control file
 * @throws BurstError (97) when the control file is missing and `change` returns undefined, when the control file cannot be decoded, or when 50 writes
 * conflicted; the error of the store
 */
export async function changeControl(
  { store, clock }: Place,
  run: string,
  change: (control: Control | undefined) => Control | undefined | Promise<Control | undefined>,
): Promise<Control> {
  const place = { key: keys.control(run), what: `the control file of run ${run}` }
  return compareAndSwap({ store, clock }, place, async (stored) => {
    const before = stored && decodeControl(stored.body)
    const after = (await change(before)) ?? before
    if (!after) throw new BurstError('runFailed', `the control file of run ${run} is missing`)
    return after === before ? { unchanged: before } : { body: encodeControl(after), written: () => after }
  })
}

/**
 * Stops a run, by default gracefully. The reason of a later stop does not replace the reason of the first stop.
 * @param now cuts off requests in flight and skips `onStop`, even if the run is already stopping gracefully
 */
export async function stopRun(place: Place, run: string, reason: string, now = false): Promise<Control> {
  const stop: Stop = { reason, at: place.clock.nowMs(), ...(now && { now }) }
  return changeControl(place, run, (control) => stopped(control, stop))
}

/**
 * Returns the control file with the stop added. Returns undefined if the control file does not exist, or already contains a stop that is at least as
 * strong. A stop with `now` is stronger than a graceful stop.
 */
export function stopped(control: Control | undefined, stop: Stop): Control | undefined {
  if (!control?.stop) return control && { ...control, stop }
  return stop.now && !control.stop.now ? { ...control, stop: { ...control.stop, now: true } } : undefined
}

/**
 * Returns the reason why all runs of the stack are halted; undefined if runs may start. Every stage that starts load checks for a halt as late as
 * possible.
 */
export async function haltOf(store: Store): Promise<string | undefined> {
  const stored = await store.get(keys.halt)
  if (!stored) return undefined
  try {
    const { reason } = JSON.parse(stored.body) as { reason?: unknown }
    return typeof reason === 'string' ? reason : unnamed
  } catch {
    // While the object `keys.halt` exists, all runs of the stack are halted, even if the content of the object cannot be read.
    return unnamed
  }
}

const unnamed = 'all runs of the stack are halted'
