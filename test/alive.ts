import { processFacts } from '../cli/ending/process-facts.ts'

/** Returns true if the process is running. A zombie process does not count as running. */
export function isAlive(pid: number): boolean {
  return processFacts(pid) !== undefined
}
