import * as v from 'valibot'
import { isRunning, processSpace } from '../../functions/files/temporary.ts'
import { processFacts } from './process-facts.ts'

/** The number of a process, and the process's start time, because the system reuses process numbers. */
export const identityEntries = {
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  space: v.string(),
  processStart: v.nullable(v.number()),
}

/** Identifies a process, also for other processes of this machine. */
export interface ProcessIdentity {
  pid: number
  space: string
  processStart: number | null
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, space: processSpace(), processStart: startOf(process.pid) }
}

/** Returns whether the process runs; undefined if it is in another container, whose processes are not visible. */
export function isProcessRunning({ pid, space, processStart }: ProcessIdentity): boolean | undefined {
  if (space !== processSpace()) return undefined
  return isRunning(pid) && startOf(pid) === processStart
}

/** Null if the system does not report the time. */
function startOf(pid: number): number | null {
  const startedAt = processFacts(pid)?.startedAt ?? Number.NaN
  return Number.isNaN(startedAt) ? null : startedAt
}
