import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BurstError, invalidInput } from '../../core/errors.ts'
import { placeBundle } from '../../functions/temporary.ts'
import type { DescribeAnswer, DescribeFailure, DescribeSuccess, DescribeTask } from './describe-protocol.ts'
import { userFrame } from './frames.ts'
import type { ScenarioFile } from './scenario-file.ts'
import { type SourceText, locateSubject } from './sources.ts'

const entry = fileURLToPath(new URL(`./describe-child${extname(import.meta.url)}`, import.meta.url))

/**
 * Loads a bundle in a process of its own and asks what is in it.
 * @param code with a source map of absolute paths
 * @throws BurstError 104 or 107, with `file:line` of the user's source
 */
export async function describe(
  code: string,
  file: ScenarioFile,
  { sources, limitMs }: { sources: readonly SourceText[]; limitMs: number },
): Promise<DescribeSuccess> {
  const placed = await placeBundle(code)
  try {
    const answer = await ask({ module: placed.file, folder: file.folder, limitMs }, file)
    if (answer.ok) return answer
    throw asBurstError(answer, file, sources)
  } finally {
    await placed.remove()
  }
}

function ask(task: DescribeTask, file: ScenarioFile): Promise<DescribeAnswer> {
  const child = fork(entry, [JSON.stringify(task)], {
    cwd: file.cwd,
    execArgv: ['--enable-source-maps'],
    serialization: 'advanced',
    // What the file prints while it loads is not the run's output, which `--json` keeps on stdout.
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      const hint = 'what takes long belongs in beforeRun or onStart'
      reject(invalidInput(`${file.shown} takes longer than ${task.limitMs / 1000} s to load`, { hint }))
    }, task.limitMs)
    settle(child, file, { resolve, reject, timer })
  })
}

interface Settling {
  resolve: (answer: DescribeAnswer) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

function settle(child: ChildProcess, file: ScenarioFile, { resolve, reject, timer }: Settling): void {
  child.once('message', (answer) => resolve(answer as DescribeAnswer))
  child.once('error', reject)
  child.once('exit', (code, signal) => {
    clearTimeout(timer)
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`
    reject(new BurstError('scenarioThrew', `${file.shown} ended its process ${how} while it was loaded`))
  })
}

function asBurstError(failure: DescribeFailure, file: ScenarioFile, sources: readonly SourceText[]): BurstError {
  const hint = failure.hint === null ? {} : { hint: failure.hint }
  const frame = userFrame(failure.stack, sources)
  if (failure.reason === null) {
    return new BurstError('scenarioThrew', `${file.shown} threw while it was loaded: ${failure.message}`, {
      ...hint,
      at: frame ?? file.shown,
    })
  }
  if (failure.message === 'no default export')
    return invalidInput(`${file.shown} has no default export`, { ...hint, at: file.shown })
  const at = frame ?? locateSubject(sources, failure.message) ?? file.shown
  return new BurstError(failure.reason, failure.message, { ...hint, at })
}
