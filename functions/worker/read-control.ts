import { type Control, oldestControlMs, decodeControl } from '../../core/fleet/control.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/**
 * Returns the control; null when it does not exist; undefined when it cannot be read at the moment. The worker tolerates an unreadable control until
 * the lease ends.
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
 * Returns the changes of the load as a string, for comparison. Epochs are never modified after they are stored, so the string contains only their
 * number. The end of the last pause may be set later, so the string also contains this end.
 */
export function changesIn({ epochs = [], pauses = [] }: Control): string {
  return `${epochs.length} ${pauses.length} ${pauses.at(-1)?.back?.atMs ?? ''}`
}
