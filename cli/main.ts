import { CommanderError } from 'commander'
import { BurstError, exitCodes, invalidInput } from '../core/errors.ts'
import { spelledOut, takesScenario } from './arguments.ts'
import { insteadOf } from './other-tools.ts'
import { exitCodeOf, renderProblem } from './problem.ts'
import { buildProgram } from './program.ts'
import { tooManyScenarios } from './scenario-file.ts'
import { styleFor } from './terminal/style.ts'

/** Does what the arguments (without `node` and the script) say. Never rejects; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  tolerateClosedPipes()
  let code: number = exitCodes.ok
  try {
    await buildProgram((given) => (code = given)).parseAsync(spelledOut(args), { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && wasHelp(error)) return helpCode(error)
    const problem = error instanceof CommanderError ? usageProblem(error, args) : error
    const debug = args.includes('--debug') || Boolean(process.env['BURST_DEBUG'])
    process.stderr.write(`${renderProblem(problem, styleFor(process.stderr), debug)}\n`)
    return exitCodeOf(problem)
  }
}

function wasHelp(error: CommanderError): boolean {
  return (
    error.code === 'commander.help' || error.code === 'commander.helpDisplayed' || error.code === 'commander.version'
  )
}

/** Help that was not asked for, because no command was given, is an error. */
function helpCode(error: CommanderError): number {
  return error.exitCode === 0 ? exitCodes.ok : exitCodes.invalidInput
}

/** Commander's `error: unknown option '--user'\n(Did you mean --users?)` as one of ours. */
function usageProblem(error: CommanderError, args: readonly string[]): BurstError {
  if (error.code === 'commander.excessArguments' && takesScenario(args)) return tooManyScenarios(args)
  const [first = '', second] = error.message.split('\n')
  const suggestion = second?.replace(/^\((.*)\)$/, '$1')
  return invalidInput(first.replace(/^error: /, ''), {
    hint: ofOtherTool(first, args) ?? suggestion ?? 'burst <command> --help lists what there is',
  })
}

/** What a flag of Locust or k6 is in burst. */
function ofOtherTool(message: string, args: readonly string[]): string | undefined {
  const [, option] = /unknown option '(.*)'/.exec(message) ?? []
  return option !== undefined && takesScenario(args) ? insteadOf(option) : undefined
}

/** `burst run --json | head` closes the pipe early, and a terminal that was closed gives EIO: neither is a fault. */
function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    })
  }
}
