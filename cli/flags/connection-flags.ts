import { Option } from 'commander'
import type { RunOptions } from '../../core/plan/options.ts'

/** The flags about connections as they were typed. */
export interface ConnectionFlags {
  insecure?: boolean
}

/** The flags for the connections to the target. */
export function connectionFlags(): Option[] {
  return [new Option('-k, --insecure', 'do not verify certificates; the report says so')]
}

export function connectionOptions({ insecure }: ConnectionFlags): Partial<RunOptions> {
  return { ...(insecure && { insecure: true }) }
}
