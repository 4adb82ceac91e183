import type { Command } from 'commander'
import { invalidInput } from '../../core/errors.ts'
import { shown } from './numbers.ts'

/** The flags whose value may be a list with commas between its items. */
const lists = new Set(['--tags', '--exclude-tags', '--allow', '--subnets', '--security-groups', '--reset'])

/**
 * Refuses an empty argument, an empty value of a flag, and an empty item of a list. A text that contains only blanks counts as empty. A possible
 * cause is a variable of the shell that is not set.
 * @throws BurstError (104) that names the argument or the flag
 */
export function refuseBlank(command: Command): void {
  const blank = command.args.findIndex((text) => text.trim() === '')
  if (blank !== -1) throw isBlank(`the argument '${argumentName(command, blank)}'`)
  const values = command.opts<Record<string, unknown>>()
  for (const option of command.options) {
    const given = [values[option.attributeName()]].flat().filter((value) => typeof value === 'string')
    const name = option.long ?? option.flags
    if (given.some((value) => value.trim() === '')) throw isBlank(name)
    if (lists.has(name)) refuseBlankItem(name, given)
  }
}

/** Refuses `a,,b` and a comma at the start or at the end. Accepts `a, b`, which is two arguments if the user has not quoted it. */
function refuseBlankItem(name: string, given: readonly string[]): void {
  const whole = given.join(' ')
  if (given.length === 0 || whole.split(',').every((item) => item.trim() !== '')) return
  throw invalidInput(`${name} is ${shown(whole)}, which has an empty item`, {
    hint: 'remove a comma; if an item is from a variable of the shell, check that the variable is set',
  })
}

function argumentName({ registeredArguments }: Command, place: number): string {
  return (registeredArguments[place] ?? registeredArguments.at(-1))?.name() ?? ''
}

function isBlank(what: string): Error {
  return invalidInput(`${what} is empty`, {
    hint: 'give a value, or leave it out; if the value is from a variable of the shell, check that the variable is set',
  })
}
