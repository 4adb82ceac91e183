import type { Command } from 'commander'
import { invalidInput } from '../../core/errors.ts'

/**
 * Refuses arguments and values of flags that are empty or contain only blanks, for example because a variable of the shell is not set.
 * @throws BurstError (104) that names the argument or the flag
 */
export function refuseBlank(command: Command): void {
  const blank = command.args.findIndex((text) => text.trim() === '')
  if (blank !== -1) throw isBlank(`the argument '${argumentName(command, blank)}'`)
  const values = command.opts<Record<string, unknown>>()
  for (const option of command.options) {
    const given = [values[option.attributeName()]].flat()
    if (given.some((value) => typeof value === 'string' && value.trim() === ''))
      throw isBlank(option.long ?? option.flags)
  }
}

function argumentName({ registeredArguments }: Command, place: number): string {
  return (registeredArguments[place] ?? registeredArguments.at(-1))?.name() ?? ''
}

function isBlank(what: string): Error {
  return invalidInput(`${what} is empty`, {
    hint: 'give a value, or leave it out; if the value is from a variable of the shell, check that the variable is set',
  })
}
