import { processFacts } from '../cli/ending/process-facts.ts'

/** Returns true if a process runs. A zombie process does not count as running. */
export function isAlive(pid: number): boolean {
  return processFacts(pid) !== undefined
}
