import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** A program that loads the target all the time. It is stopped only while another program is measured. */
export interface Alternating {
  name: string
  pid: number
}

/** What one program used and did in one slice of time. */
export interface SliceUse {
  name: string
  requests: number
  /** The user and system time of all threads of the program, in microseconds. */
  cpuUs: number
}

interface SliceOptions {
  /** The time that a program runs before the measurement begins, in milliseconds. */
  settleMs: number
  /** The duration of the measurement, in milliseconds. */
  sliceMs: number
  /** Returns the number of requests that the target has received since the last call. */
  received: () => Promise<number>
}

/** Lets a program run, measures it, and stops it again. Linux only. */
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

/** Returns the time that all threads of a process have run, in microseconds. */
async function cpuUsOf(pid: number): Promise<number> {
  let ns = 0
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    // The file is missing if the thread has ended since the folder was read.
    const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0')
    ns += Number(text.split(' ')[0])
  }
  return ns / 1_000
}
