import type { Command, Option } from 'commander'
import { invalidInput } from '../../core/errors.ts'
import { spelledOut } from './arguments.ts'
import { shown } from './numbers.ts'

/**
 * Refuses the value of a switch, which is a flag without a value: `--json=no` or `-k=true`. Without this check, `-k=true` would be read as `-k true`,
 * and `true` as the name of the scenario.
 * @param args the arguments as the user typed them
 * @throws BurstError (104) that names the first switch with a value
 */
export function refuseSwitchValues(program: Command, args: readonly string[]): void {
  const command = program.commands.find((one) => one.name() === args[0])
  if (!command) return
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  for (const [k, arg] of own.entries()) {
    // An argument after a flag that takes a value is this value, even if it looks like a switch: `--name --json=no`.
    const isValue = optionOf(command, own[k - 1])?.required ?? false
    if (!isValue) refuseValue(command, arg)
  }
}

function refuseValue(command: Command, arg: string): void {
  const [, flag, value = ''] = /^(-[A-Za-z]|--[A-Za-z][\w-]*)=(.*)$/s.exec(arg) ?? []
  const option = optionOf(command, flag)
  if (!option || option.required || option.optional) return
  const name = option.long ?? option.flags
  throw invalidInput(`${name} is ${shown(value)}, but this flag takes no value`, {
    hint: `write ${name}, or leave it out`,
  })
}

/** Returns the option of a command that a flag names, in any spelling; undefined if there is none, or if the flag has a value. */
function optionOf(command: Command, flag: string | undefined): Option | undefined {
  if (flag === undefined || flag.includes('=')) return undefined
  const [, spelled = flag] = spelledOut([command.name(), flag])
  return command.options.find((option) => option.is(spelled))
}
