import { execFile } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { promisify } from 'node:util'

/** The core of the target. The generator runs on another core. */
export const targetCore = 0
/** The core of the generator. */
export const generatorCore = 1

export interface Machine {
  cpu: string
  cores: number
  node: string
  /** `true` if the target and the generator are each pinned to one core. */
  pinned: boolean
}

export async function machine(): Promise<Machine> {
  const found = cpus()
  return {
    cpu: found[0]?.model.trim() ?? 'unknown',
    cores: found.length,
    node: process.version,
    pinned: await canPin(),
  }
}

/** Returns the load average of the last minute, with two decimals. */
export function loadNow(): number {
  return Math.round((loadavg()[0] as number) * 100) / 100
}

/** Returns true if `taskset` is installed and the machine has at least two cores. */
async function canPin(): Promise<boolean> {
  if (cpus().length < 2) return false
  return promisify(execFile)('taskset', ['--version']).then(
    () => true,
    () => false,
  )
}

/** Moves all threads of a process to one core. Threads that the process starts later run on the same core. */
export async function pin(pid: number, core: number): Promise<void> {
  if (await canPin()) await promisify(execFile)('taskset', ['-a', '-p', '-c', String(core), String(pid)])
}

/** Returns the given command, changed so that the program runs on one core. */
export async function onCore(core: number, command: readonly string[]): Promise<readonly [string, ...string[]]> {
  const pinned = (await canPin()) ? ['taskset', '-c', String(core), ...command] : command
  return pinned as [string, ...string[]]
}
