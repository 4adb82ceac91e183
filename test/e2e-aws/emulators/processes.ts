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

/**
 * Returns the ids of all processes that have all of these variables in their environment. A variable is written as `name=value`, or as `name` if it
 * may have any value.
 */
export async function processesWith(...variables: readonly string[]): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid)
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      const has = new Set(environment.split('\0').flatMap((entry) => [entry, entry.split('=')[0]]))
      return variables.every((variable) => has.has(variable)) && (await lives(pid))
    }),
  )
  return pids.filter((_, index) => marked[index])
}

/** Returns true if a process has a connection to this port. */
export async function isConnectedTo(pid: number, port: number): Promise<boolean> {
  return hasSocket(pid, await socketsIn(`/proc/${pid}/net/tcp`, 'remote', port))
}

/** Returns the process in `pids` that has a connection from this port, or undefined. */
export async function processAt(port: number, pids: readonly number[]): Promise<number | undefined> {
  const sockets = await socketsIn('/proc/self/net/tcp', 'local', port)
  const has = await Promise.all(pids.map((pid) => hasSocket(pid, sockets)))
  return pids.find((_, k) => has[k])
}

/**
 * Reads `file`, a socket table of the kernel. Returns the names of the sockets whose local or remote port is `port`. A name has the form
 * `socket:[…]`, as in the links of `/proc/<pid>/fd`.
 */
async function socketsIn(file: string, side: 'local' | 'remote', port: number): Promise<Set<string>> {
  const table = await readFile(file, 'utf8').catch(() => '')
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/))
  const found = rows.filter(([, local = '', remote = '']) => (side === 'local' ? local : remote).endsWith(hex))
  return new Set(found.map((row) => `socket:[${row[9]}]`))
}

async function hasSocket(pid: number, sockets: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return links.some((link) => sockets.has(link))
}

/** Sends a signal to a process. Does nothing if the process has ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * Returns true if a process still runs. Returns false if the process has ended. The kernel keeps an ended process in its table until the parent
 * reads the exit code; for such a process, this function also returns false.
 */
export async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
  return state !== '' && state !== 'Z'
}
