import { BurstError } from '../../core/errors.ts'
import { type Control, oldestControlMs, decodeControl } from '../../core/fleet/control.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/**
 * Returns the content of the control file. Null: the file does not exist. Undefined: the file cannot be read at the moment. In the result,
 * `leaseUntil` is at most `oldestControlMs` after the beginning of the read. The worker therefore tolerates an unreadable control file for at most
 * this time.
 */
export async function readControl(
  run: string,
  { store, clock, log }: Pick<Environment, 'store' | 'clock' | 'log'>,
): Promise<Control | null | undefined> {
  try {
    const readAt = clock.nowMs()
    const stored = await store.get(keys.control(run))
    const control = stored ? decodeControl(stored.body) : null
    return control && { ...control, leaseUntil: Math.min(control.leaseUntil, readAt + oldestControlMs) }
  } catch (error) {
    log('control unreadable', { error: (error as Error).message })
    return undefined
  }
}

/**
 * Reads the control file for the first time, before the worker begins. Returns the content of the file.
 * @throws BurstError (97) when the control file does not exist or cannot be read
 */
export async function firstControl(run: string, env: Pick<Environment, 'store' | 'clock' | 'log'>): Promise<Control> {
  const control = await readControl(run, env)
  if (control) return control
  if (control === null) throw new BurstError('runFailed', `the control file of run ${run} does not exist`)
  throw new BurstError('runFailed', `the control file of run ${run} cannot be read`)
}

/**
 * Returns a string that changes with each change of the load. With this string, two states of the control file can be compared. Stored changes are
 * never modified, so the string contains only the number of `epochs` (changes of the load), the number of pauses, and the end of the last pause. This
 * end may be stored later than the pause.
 */
export function changesIn({ epochs = [], pauses = [] }: Control): string {
  return `${epochs.length} ${pauses.length} ${pauses.at(-1)?.back?.atMs ?? ''}`
}
