import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { masker } from '../../../core/secrets.ts'
import { placeBundle } from '../../../functions/files/temporary.ts'
import { PrintAllowance, PrintedLines } from '../../embedded/processes/printed-lines.ts'
import { clean } from '../../terminal/style.ts'
import type { DescribeAnswer, DescribeFailure, DescribeSuccess, DescribeTask } from './describe-protocol.ts'
import { userFrame } from '../stack-frames.ts'
import type { ScenarioFile } from '../scenario-file.ts'
import { type SourceText, locateSubject } from '../sources.ts'
import { milliseconds } from '../../../core/words.ts'

const entry = fileURLToPath(new URL(`./describe-child${extname(import.meta.url)}`, import.meta.url))

interface Describing {
  sources: readonly SourceText[]
  limitMs: number
  /** Variables from the environment files. */
  env: Record<string, string>
  /**
   * The environment of burst, without the variables of the environment files. If a variable is in burst's environment and in an environment file,
   * `env` contains the value from burst's environment.
   */
  environment: NodeJS.ProcessEnv
  /** The folder of `--files`, absolute. */
  filesFolder: string | null
}

/**
 * Loads a bundle in a separate process and returns its description.
 * @param code the bundle with a source map that contains absolute paths
 * @throws BurstError (104) when the scenario is invalid or takes longer than `limitMs` to load; (107) when its code throws or ends the process
 */
export async function describe(
  code: string,
  file: ScenarioFile,
  { sources, limitMs, env, environment, filesFolder }: Describing,
): Promise<DescribeSuccess> {
  const placed = await placeBundle(code)
  try {
    const task = { module: placed.file, folder: file.folder, filesFolder, limitMs, envNames: Object.keys(env) }
    const answer = await ask(task, file, { ...environment, ...env })
    if (answer.ok) return answer
    throw asBurstError({ ...answer, message: masker({ vars: {}, env })(answer.message) }, file, sources)
  } finally {
    await placed.remove()
  }
}

async function ask(task: DescribeTask, file: ScenarioFile, env: NodeJS.ProcessEnv): Promise<DescribeAnswer> {
  const child = fork(entry, [JSON.stringify(task)], {
    cwd: file.cwd,
    // An environment file cannot set NODE_OPTIONS, because the process also runs burst's own code.
    env: { ...env, NODE_OPTIONS: process.env['NODE_OPTIONS'] },
    execArgv: ['--enable-source-maps'],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const showRest = showPrinted(child)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, task.limitMs)
  try {
    const { answer, end } = await outcomeOf(child)
    await showRest()
    if (answer) return answer
    if (!isLate) throw new BurstError('scenarioThrew', `${file.shown} ended its process ${end} while burst loaded it`)
    const hint = 'move slow work to beforeRun or onStart'
    throw invalidInput(`${file.shown} takes longer than ${milliseconds(task.limitMs)} to load`, { hint })
  } finally {
    clearTimeout(timer)
  }
}

/** Sends the output of the scenario file to stderr while burst loads the file. With `--json`, stdout must contain only the report. */
function showPrinted({ stdout, stderr }: ChildProcess): () => Promise<void> {
  const allowance = new PrintAllowance((line) => void process.stderr.write(`${clean(line)}\n`))
  const streams = [stdout, stderr].filter((stream) => stream !== null)
  const printed = streams.map((stream) => new PrintedLines(stream, allowance))
  return async () => {
    await Promise.all(printed.map(async (lines) => lines.end()))
    allowance.end()
  }
}

/** Resolves when the process has ended. Rejects when the process could not be started. */
async function outcomeOf(child: ChildProcess): Promise<{ answer: DescribeAnswer | undefined; end: string }> {
  let answer: DescribeAnswer | undefined
  child.once('message', (message) => (answer = message as DescribeAnswer))
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.once('error', reject)
  child.once('exit', (code, signal) => resolve(signal === null ? `with exit code ${code}` : `by ${signal}`))
  const end = await promise
  return { answer, end }
}

function asBurstError(failure: DescribeFailure, file: ScenarioFile, sources: readonly SourceText[]): BurstError {
  const hint = failure.hint === null ? {} : { hint: failure.hint }
  const frame = userFrame(failure.stack, sources)
  if (failure.reason === null) {
    return new BurstError('scenarioThrew', `${file.shown} threw an error while burst loaded it: ${failure.message}`, {
      ...hint,
      at: frame ?? file.shown,
    })
  }
  if (failure.message === 'no default export')
    return invalidInput(`${file.shown} has no default export`, { ...hint, at: file.shown })
  const at = frame ?? locateSubject(sources, failure.message) ?? file.shown
  return new BurstError(failure.reason, failure.message, { ...hint, at })
}
