import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../cli/burst.ts', import.meta.url))

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunningBurst {
  child: ChildProcess
  /** Returns everything that the command has written to stdout and stderr so far. */
  said: () => string
  ended: Promise<Ended>
}

/** Starts burst in a folder, as from a shell. By default, the output has no colours; `env` can turn them on. */
export function startBurst(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): RunningBurst {
  const { FORCE_COLOR: _force, NO_COLOR: _no, GITHUB_STEP_SUMMARY: _summary, ...inherited } = process.env
  const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...inherited, ...env } })
  const ended: Ended = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text))
  return {
    child,
    said: () => ended.stdout + ended.stderr,
    ended: new Promise((resolve) => child.once('close', (code) => resolve({ ...ended, code }))),
  }
}

export function burst(args: readonly string[], cwd: string, env?: NodeJS.ProcessEnv): Promise<Ended> {
  return startBurst(args, cwd, env).ended
}

export function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'burst-cli-'))
}
