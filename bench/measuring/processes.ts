import { readFile, readdir } from 'node:fs/promises'

/** The resources of one process, as reported by Linux. */
export interface ProcessUse {
  pid: number
  rssMb: number
  /** The CPU time (user and system) since the start of the process, in milliseconds. */
  cpuMs: number
}

/** Linux counts processor time in hundredths of a second. */
const tickMs = 10
const pageMb = 4096 / 1_048_576
/** The positions of the fields in `/proc/<pid>/stat`. The first field after the name of the program has position 0. */
const place = { parent: 1, user: 11, system: 12, pages: 21 }

/** Returns a process and all its descendants. Returns an empty list on systems without `/proc`. */
export async function treeOf(root: number): Promise<ProcessUse[]> {
  const all = await everyProcess()
  const found: ProcessUse[] = []
  const wanted = [root]
  for (let pid = wanted.pop(); pid !== undefined; pid = wanted.pop()) {
    const one = all.get(pid)
    if (one) found.push(one)
    for (const other of all.values()) if (other.parent === pid) wanted.push(other.pid)
  }
  return found
}

/**
 * Returns the proportional memory (PSS) of a process, in MiB: a page that n processes share counts as 1/n of a page. Returns 0 when the process has
 * ended, or on systems without `/proc`.
 */
export async function pssMbOf(pid: number | 'self'): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024
}

async function everyProcess(): Promise<Map<number, ProcessUse & { parent: number }>> {
  const names = await readdir('/proc').catch(() => [])
  const all = new Map<number, ProcessUse & { parent: number }>()
  for (const pid of names.map(Number).filter(Number.isInteger)) {
    // The file is missing if the process has ended since the folder was read.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    if (stat !== '') all.set(pid, { pid, ...useOf(stat) })
  }
  return all
}

function useOf(stat: string): Omit<ProcessUse, 'pid'> & { parent: number } {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const at = (index: number): number => fields[index] as number
  return {
    parent: at(place.parent),
    rssMb: at(place.pages) * pageMb,
    cpuMs: (at(place.user) + at(place.system)) * tickMs,
  }
}
