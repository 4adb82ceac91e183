import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The operating system's data about a process. */
export interface ProcessFacts {
  parent: number
  /**
   * The number of the process group. The terminal sends its signals to a whole group. A shell with job control starts each command in a separate
   * group.
   */
  group: number
  /** The file name of the process's program. */
  program: string
  /**
   * The start time in ticks of the system's clock (100 per second). Together with the process number, the start time identifies a process. NaN if the
   * system does not report the start time.
   */
  startedAt: number
}

/**
 * Returns the system's data about a process. Returns undefined if the process does not exist, or if the system does not report the data. On Linux,
 * also returns undefined if the process is a zombie.
 */
export function processFacts(pid: number): ProcessFacts | undefined {
  return process.platform === 'linux' ? factsFromProc(pid) : factsFromPs(pid)
}

/** Reads /proc/PID/stat. In this file, the program's name is in parentheses and may itself contain spaces and parentheses (proc_pid_stat(5)). */
function factsFromProc(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const close = stat.lastIndexOf(')')
    const fields = stat.slice(close + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    const program = stat.slice(stat.indexOf('(') + 1, close)
    return { parent: Number(fields[1]), group: Number(fields[2]), program, startedAt: Number(fields[19]) }
  } catch {
    return undefined
  }
}

function factsFromPs(pid: number): ProcessFacts | undefined {
  const columns = ['ppid=', 'pgid=', 'comm='].flatMap((column) => ['-o', column])
  const { stdout } = spawnSync('ps', [...columns, '-p', String(pid)], { encoding: 'utf8' })
  const [, parent, group, program = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/m.exec(stdout ?? '') ?? []
  if (parent === undefined) return undefined
  return {
    parent: Number(parent),
    group: Number(group),
    program: program.split('/').at(-1) ?? '',
    startedAt: Number.NaN,
  }
}
