import { CommanderError } from 'commander'
import { BurstError, exitCodes, invalidInput } from '../core/errors.ts'
import { diskCause } from '../functions/files/disk.ts'
import { spelledOut, takesScenario } from './flags/arguments.ts'
import { insteadOf } from './flags/other-tools.ts'
import { exitCodeOf, renderProblem } from './problem.ts'
import { buildProgram } from './program.ts'
import { tooManyScenarios } from './flags/scenario-argument.ts'
import { withoutSwitchValues } from './flags/switch-values.ts'
import { styleFor } from './terminal/style.ts'

/**
 * Runs the command that the arguments name, and returns the exit code. The arguments do not include `node` and the script. The returned promise never
 * rejects.
 */
export async function main(args: readonly string[]): Promise<number> {
  tolerateClosedPipes()
  let code: number = exitCodes.ok
  try {
    const program = buildProgram((given) => (code = given))
    await program.parseAsync(spelledOut(withoutSwitchValues(program, args)), { from: 'user' })
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

/** Returns the exit code of a command that has shown only a help text or the version. If the user gave no command, the exit code is 104. */
function helpCode(error: CommanderError): number {
  return error.exitCode === 0 ? exitCodes.ok : exitCodes.invalidInput
}

/** Converts an error of Commander, such as `error: unknown option '--user'\n(Did you mean --users?)`, to a BurstError. */
function usageProblem(error: CommanderError, args: readonly string[]): BurstError {
  if (error.code === 'commander.excessArguments' && takesScenario(args)) return tooManyScenarios(args)
  const [first = '', second] = error.message.split('\n')
  const suggestion = second?.replace(/^\((.*)\)$/, '$1')
  return invalidInput(first.replace(/^error: /, ''), {
    hint: ofOtherTool(first, args) ?? suggestion ?? helpOf(error, args),
  })
}

/** Returns a hint with the `--help` command that lists the valid arguments or commands. */
function helpOf({ code }: CommanderError, [command = '']: readonly string[]): string {
  const isCommand = code !== 'commander.unknownCommand' && /^[a-z]+$/.test(command)
  return isCommand
    ? `burst ${command} --help lists its arguments and flags`
    : 'burst --help lists the commands; burst <command> --help lists the flags of a command'
}

/** Returns a hint if an option belongs to Locust or k6. */
function ofOtherTool(message: string, args: readonly string[]): string | undefined {
  const [, option] = /unknown option '(.*)'/.exec(message) ?? []
  return option !== undefined && takesScenario(args) ? insteadOf(option) : undefined
}

/**
 * After a failed write to stdout or stderr, sets the exit code to 97 if no other exit code is set. Also reports a failed write to stdout. Ignores two
 * failures: a pipe that closes early, as in `burst run --json | head`, and EIO, which a closed terminal causes. In both cases the run continues,
 * because its report is more important than its output in the terminal.
 */
function tolerateClosedPipes(): void {
  for (const [name, stream] of [
    ['stdout', process.stdout],
    ['stderr', process.stderr],
  ] as const) {
    let told = false
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (told || error.code === 'EPIPE' || error.code === 'EIO') return
      told = true
      process.exitCode ||= exitCodes.runFailed
      if (name === 'stdout') process.stderr.write(`burst: stdout cannot be written: ${diskCause(error)}\n`)
    })
  }
}
