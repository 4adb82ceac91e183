import * as v from 'valibot'
import { isRunning, processSpace } from '../../functions/files/temporary.ts'
import { processFacts } from './process-facts.ts'

/** The fields that identify a process. The start time is necessary, because the system reuses process numbers. */
export const identityEntries = {
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  space: v.string(),
  processStart: v.nullable(v.number()),
}

/** Identifies a process on this machine. The identity can be stored in a file and used by other processes. */
export interface ProcessIdentity {
  pid: number
  /** The value of `processSpace()` in the process. Processes in different containers have different values. */
  space: string
  /** The start time in ticks of the system's clock; null if the system does not report the start time. */
  processStart: number | null
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, space: processSpace(), processStart: startOf(process.pid) }
}

/**
 * Returns true if the process still runs. Returns undefined if the process is in another container, because the processes of other containers are not
 * visible.
 */
export function isProcessRunning({ pid, space, processStart }: ProcessIdentity): boolean | undefined {
  if (space !== processSpace()) return undefined
  return isRunning(pid) && startOf(pid) === processStart
}

/** Returns the start time of a process; null if the system does not report the start time. */
function startOf(pid: number): number | null {
  const startedAt = processFacts(pid)?.startedAt ?? Number.NaN
  return Number.isNaN(startedAt) ? null : startedAt
}
