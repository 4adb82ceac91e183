import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChildTarget } from '../../test/targets/child.ts'
import { localRun } from '../measuring/local-run.ts'
import { generatorCore, onCore } from '../measuring/machine.ts'
import { treeOf } from '../measuring/processes.ts'
import { type Received, warmUpMs } from '../target/target.ts'
import type { Tool, Work } from './tools.ts'

/** The work of a tool: requests as counted by the target, and CPU time as counted by the operating system. */
export interface ToolRun {
  /** The requests per second from the first request to the last request. */
  requestsPerSecond: number
  /** The requests per second without the first `warmUpMs` milliseconds. */
  laterPerSecond: number
  /** The CPU time of all processes of the tool, including their start, in microseconds per request. */
  cpuPerRequestUs: number
}

/** The time between two measurements of the CPU time, in milliseconds. */
const lookMs = 100
/** A tool is killed if it has not ended this many milliseconds after its planned end. */
const patienceMs = 30_000

export async function runTool(tool: Tool, work: Work, target: ChildTarget): Promise<ToolRun> {
  const folder = await mkdtemp(join(tmpdir(), 'burst-peer-'))
  try {
    for (const [name, text] of Object.entries(tool.files?.(work) ?? {})) await writeFile(join(folder, name), text)
    const [name, ...rest] = await onCore(generatorCore, ['sh', '-c', tool.command(work)])
    const child = spawn(name, rest, { cwd: folder, stdio: 'ignore', timeout: work.seconds * 1_000 + patienceMs })
    const ended = once(child, 'exit')
    const cpuMs = await cpuUntil(ended, child.pid ?? 0)
    return runOf(await target.ask<Received>('received'), cpuMs)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Measures `burst run --local` with the same work as the other tools. */
export async function runBurst({ url, users, seconds }: Work, target: ChildTarget): Promise<ToolRun> {
  const over = Promise.withResolvers<void>()
  let cpuMs = Promise.resolve(0)
  await localRun({
    scenario: `import { HttpUser, scenario, task } from 'burst'
class Visitor extends HttpUser {
  @task async go() { await this.http.get('/') }
}
export default scenario({ host: '${url}', users: [Visitor] })`,
    flags: ['-u', String(users), '-r', String(users * 10), '-t', String(seconds), '--workers', '1'],
    during: async (pid) => {
      cpuMs = cpuUntil(over.promise, pid)
    },
  }).finally(over.resolve)
  return runOf(await target.ask<Received>('received'), await cpuMs)
}

/**
 * Returns the CPU time of a process and its descendants, in milliseconds. The time of each process is the last value that was read before the process
 * ended.
 */
async function cpuUntil(ended: Promise<unknown>, pid: number): Promise<number> {
  const seen = new Map<number, number>()
  const over = new AbortController()
  const stop = (): void => over.abort()
  ended.then(stop, stop)
  while (!over.signal.aborted) {
    for (const one of await treeOf(pid)) seen.set(one.pid, one.cpuMs)
    await sleep(lookMs)
  }
  return [...seen.values()].reduce((sum, ms) => sum + ms, 0)
}

function runOf({ requests, firstAtMs, lastAtMs, laterRequests }: Received, cpuMs: number): ToolRun {
  const durationMs = lastAtMs - firstAtMs
  return {
    requestsPerSecond: (1_000 * requests) / durationMs,
    laterPerSecond: durationMs > warmUpMs ? (1_000 * laterRequests) / (durationMs - warmUpMs) : Number.NaN,
    cpuPerRequestUs: (1_000 * cpuMs) / requests,
  }
}
