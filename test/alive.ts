import { processFacts } from '../cli/ending/process-facts.ts'

/** Whether a process runs. A process that has ended and that the system has not collected yet does not count as running. */
export function isAlive(pid: number): boolean {
  return processFacts(pid) !== undefined
}
