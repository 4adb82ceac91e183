import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isAlive } from '../../alive.ts'

const script = fileURLToPath(new URL('waits-for-parents.ts', import.meta.url))
let folder: string
let started: ChildProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-parents-'))
})
afterEach(() => {
  endGroup(started)
  const watcher = watcherIn(said())
  if (watcher !== undefined && isAlive(watcher)) process.kill(watcher, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Kills the whole process group of the child, because any process of the group may still be running. */
function endGroup(child: ChildProcess | undefined): void {
  if (child?.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function said(): string {
  try {
    return readFileSync(join(folder, 'said'), 'utf8')
  } catch {
    return ''
  }
}

function watcherIn(text: string): number | undefined {
  const pid = /ready (\d+)/.exec(text)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/**
 * Runs a line of bash in a new session. `BURST` in the line stands for the command of a process that watches its parents. Waits until this process
 * has started.
 */
async function startedBy(line: string, stdin: 'pipe' | 'ignore' = 'pipe'): Promise<number> {
  const watcher = `"${process.execPath}" "${script}" "${join(folder, 'said')}"`
  started = spawn('bash', ['-c', line.replaceAll('BURST', watcher)], {
    stdio: [stdin, 'ignore', 'inherit'],
    detached: true,
  })
  await vi.waitFor(() => expect(said()).toContain('ready'), 30_000)
  return watcherIn(said()) as number
}

describe.skipIf(process.platform !== 'linux')(
  'burst exits when its parent process exits, if the parent process was waiting for burst',
  () => {
    test.for([
      ['the shell of a script', 'BURST; true'],
      ['one command of a pipeline', 'BURST | cat; true'],
    ] as const)('%s', async ([, line]) => {
      await startedBy(line)
      started?.kill('SIGKILL')
      await vi.waitFor(() => expect(said()).toContain('alone'), 30_000)
    })

    test('burst exits when its grandparent process, for example npx, exits', async () => {
      await startedBy(
        `"${process.execPath}" -e 'require("child_process").spawnSync("sh", ["-c", process.argv[1]], { stdio: "inherit" })' 'BURST; true'; true`,
      )
      started?.kill('SIGKILL')
      await vi.waitFor(() => expect(said()).toContain('alone'), 30_000)
    })
  },
)

describe.skipIf(process.platform !== 'linux')(
  'burst outlives its parent process if the parent process does not wait for burst',
  () => {
    test.for([
      ['nohup', 'nohup BURST & wait'],
      ['setsid', 'setsid BURST & wait'],
      ['a shell with job control', 'set -m; BURST & wait'],
      ['a script that leaves burst in the background', 'BURST & disown; read -r line; true'],
      ['a shell that bash replaces with the last command of its script', 'BURST & disown; sleep 60'],
      ['a script that continues and has no input', 'BURST & disown; sleep 2; sleep 2; sleep 60; true'],
    ] as const)('%s', async ([name, line]) => {
      const watcher = await startedBy(line, line.includes('sleep') ? 'ignore' : 'pipe')
      // The process `watcher` must not report that its parent has ended, but the test cannot wait for an event that does not happen. The test
      // therefore starts a second process that watches its parent, and ends both parents at the same time. When the second process has reported the
      // end of its parent, `watcher` has had enough time for a report.
      const other = spawn('bash', ['-c', `"${process.execPath}" "${script}" "${join(folder, 'other')}"; true`], {
        detached: true,
      })
      const heard = (): string => readFileSync(join(folder, 'other'), 'utf8')
      await vi.waitFor(() => expect(heard()).toContain('ready'), 30_000)
      if (name.includes('continues')) await vi.waitUntil(() => laterChildOf(started?.pid, watcher), 30_000)
      started?.kill('SIGKILL')
      other.kill('SIGKILL')
      await vi.waitFor(() => expect(heard()).toContain('alone'), 30_000)
      expect(said()).not.toContain('alone')
      expect(isAlive(watcher)).toBe(true)
    })
  },
)

/** Returns true if a process has a child that started more than 3 s later than the process `first`. */
function laterChildOf(pid: number | undefined, first: number): boolean {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return children.some((one) => startOf(Number(one)) > startOf(first) + 300)
}

/** Returns the start time of a process, in hundredths of a second since boot; NaN when the process has ended. */
function startOf(pid: number): number {
  if (!existsSync(`/proc/${pid}/stat`)) return Number.NaN
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19])
}
