import { readFileSync, readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/**
 * The number of `nice` steps by which the priority of V8's threads is lower than the priority of the engine. With only 5 steps, users lag more at
 * their start. With 19 steps, the compilers and the concurrent garbage collection finish so late that V8 stops the engine to collect the whole heap.
 */
const lowerBy = 10
const ownThreads = '/proc/self/task'
/** The name that Node gives to the threads in which V8 compiles code and collects garbage. */
const poolThread = 'V8Worker'

/**
 * Lowers the priority of the threads in which V8 compiles code and collects garbage. While thousands of users start, these threads need as much CPU
 * time as the engine. On a single core, the engine would have to wait for these threads. Has an effect only on Linux, where `/proc` lists the threads
 * of the process.
 * @param threads the folder that contains a subfolder for each thread
 */
export function lowerCompilerPriority(threads = ownThreads): void {
  const wanted = Math.min(constants.priority.PRIORITY_LOW, getPriority() + lowerBy)
  for (const thread of entriesOf(threads)) {
    try {
      if (readFileSync(`${threads}/${thread}/comm`, 'utf8').trim() === poolThread) setPriority(Number(thread), wanted)
    } catch {
      // The thread has ended, or the system forbids the change. Users may then act later; otherwise the run is the same.
    }
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // The folder exists only on Linux.
    return []
  }
}
