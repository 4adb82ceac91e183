import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** A program that sends requests to the target continuously. The program is paused while it is not measured. */
export interface Alternating {
  name: string
  pid: number
}

/** The requests and the CPU time of one program in one time slice. */
export interface SliceUse {
  name: string
  requests: number
  /** The CPU time (user and system) of all threads of the program, in microseconds. */
  cpuUs: number
}

interface SliceOptions {
  /** The time, in milliseconds, for which a program runs before its measurement begins. */
  settleMs: number
  /** The duration of the measurement, in milliseconds. */
  sliceMs: number
  /** Returns the number of requests that the target has received since the last call. */
  received: () => Promise<number>
}

/** Resumes a program, measures the program, and pauses it again. Linux only. */
export async function measureInTurn(
  { name, pid }: Alternating,
  { settleMs, sliceMs, received }: SliceOptions,
): Promise<SliceUse> {
  process.kill(pid, 'SIGCONT')
  try {
    await sleep(settleMs)
    await received()
    const fromUs = await cpuUsOf(pid)
    await sleep(sliceMs)
    const untilUs = await cpuUsOf(pid)
    return { name, requests: await received(), cpuUs: untilUs - fromUs }
  } finally {
    process.kill(pid, 'SIGSTOP')
  }
}

/** Returns the CPU time of all threads of a process, in microseconds. */
async function cpuUsOf(pid: number): Promise<number> {
  let ns = 0
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    // The file is missing if the thread has ended since the folder was read.
    const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0')
    ns += Number(text.split(' ')[0])
  }
  return ns / 1_000
}
