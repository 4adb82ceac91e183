import { processFacts } from '../cli/ending/process-facts.ts'

/** Whether a process runs. One that has ended and waits for a busy system to collect it does not. */
export function isAlive(pid: number): boolean {
  return processFacts(pid) !== undefined
}
