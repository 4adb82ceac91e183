import { readFile, readdir, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Ends a process and waits until it has ended. Sends SIGTERM first, and SIGKILL after the grace period. */
export async function endProcess(pid: number, graceMs: number): Promise<void> {
  signal(pid, 'SIGTERM')
  const deadline = Date.now() + graceMs
  while (await lives(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL')
    await sleep(50)
  }
}

/** The ids of all processes that have all of these variables in their environment. */
export async function processesWith(...variables: readonly string[]): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid)
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      const has = new Set(environment.split('\0'))
      return variables.every((variable) => has.has(variable)) && (await lives(pid))
    }),
  )
  return pids.filter((_, index) => marked[index])
}

/** Whether a process has a connection to this port. */
export async function isConnectedTo(pid: number, port: number): Promise<boolean> {
  const table = await readFile(`/proc/${pid}/net/tcp`, 'utf8').catch(() => '')
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/))
  const inodes = new Set(rows.filter(([, , remote = '']) => remote.endsWith(hex)).map((row) => `socket:[${row[9]}]`))
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return links.some((link) => inodes.has(link))
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
  return state !== '' && state !== 'Z'
}
