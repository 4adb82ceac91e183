import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Report } from '../../core/report/report.ts'
import { generatorCore, onCore } from './machine.ts'

export interface LocalRunInput {
  /** The content of the scenario file. */
  scenario: string
  /** Flags of `burst run` in addition to `--local`. */
  flags: readonly string[]
  /** `true` if the program runs only on the generator's core. Default: true. */
  pinned?: boolean
  /** Called when the process has started. */
  during?: (pid: number) => Promise<void>
}

export interface LocalRunResult {
  report: Report
  /** The time at which the process was started, in epoch milliseconds. */
  spawnedAtMs: number
  exitedAtMs: number
}

const program = join(import.meta.dirname, '../../dist/cli/burst.js')
const results = join(import.meta.dirname, '../../burst-results')

/** Runs `burst run --local` as a user runs it: the built program in a separate process. */
export async function localRun({ scenario, flags, pinned = true, during }: LocalRunInput): Promise<LocalRunResult> {
  await mkdir(results, { recursive: true })
  const folder = await mkdtemp(join(results, 'bench-'))
  try {
    await writeFile(join(folder, 'bench.burst.ts'), scenario)
    const out = join(folder, 'out')
    const command = [process.execPath, program, 'run', 'bench.burst.ts', '--local', '--quiet', '--out', out, ...flags]
    const [name, ...rest] = pinned ? await onCore(generatorCore, command) : (command as [string, ...string[]])
    const spawnedAtMs = Date.now()
    const child = spawn(name, rest, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = endOf(child)
    await Promise.all([ended, during?.(child.pid ?? 0)])
    const { said, exitedAtMs } = await ended
    const report = await readFile(join(out, 'report.json'), 'utf8').catch(() => {
      throw new Error(`burst made no report: ${said}`)
    })
    return { report: JSON.parse(report) as Report, spawnedAtMs, exitedAtMs }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function endOf(child: ChildProcess): Promise<{ said: string; exitedAtMs: number }> {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += String(chunk)))
  let exitedAtMs = 0
  child.once('exit', () => (exitedAtMs = Date.now()))
  await once(child, 'close')
  return { said, exitedAtMs }
}
