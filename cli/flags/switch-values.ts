import type { Command, Option } from 'commander'
import { invalidInput } from '../../core/errors.ts'
import { spelledOut } from './arguments.ts'
import { shown } from './numbers.ts'

/**
 * A switch is a flag that takes no value. Other tools also accept `--json=true` and `--json=false` for a switch. This function replaces `--json=true`
 * with `--json`, and removes `--json=false`. Otherwise, burst would read `-k=true` as `-k true`, and `true` as the name of the scenario.
 * @param args the arguments as the user typed them
 * @throws BurstError (104) that names the first switch whose value is neither `true` nor `false`
 */
export function withoutSwitchValues(program: Command, args: readonly string[]): string[] {
  const command = program.commands.find((one) => one.name() === args[0])
  if (!command) return [...args]
  const end = args.indexOf('--')
  return args.flatMap((arg, k) => {
    // If a flag takes a value, the next argument is the value, even if this argument looks like a switch: `--name --json=no`.
    const isValue = optionOf(command, args[k - 1])?.required ?? false
    return isValue || (end !== -1 && k > end) ? [arg] : switchOf(command, arg)
  })
}

/** What the value of a switch means. */
const meanings: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

function switchOf(command: Command, arg: string): string[] {
  const [, flag, value = ''] = /^(-[A-Za-z]|--[A-Za-z][\w-]*)=(.*)$/s.exec(arg) ?? []
  const option = optionOf(command, flag)
  if (flag === undefined || !option || takesValue(option)) return [arg]
  const isOn = meanings.get(value) ?? refuseValue(option, value)
  return isOn ? [flag] : []
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional
}

function refuseValue({ long, flags }: Option, value: string): never {
  const name = long ?? flags
  throw invalidInput(`${name} is ${shown(value)}, but this flag takes no value`, {
    hint: `write ${name}, or leave it out`,
  })
}

/**
 * Returns the option of the command to which the flag belongs. The flag may have any spelling that burst accepts. Returns undefined if the command
 * has no such option, or if the flag contains a value (`=`).
 */
function optionOf(command: Command, flag: string | undefined): Option | undefined {
  if (flag === undefined || flag.includes('=')) return undefined
  const [, spelled = flag] = spelledOut([command.name(), flag])
  return command.options.find((option) => [option.long, option.short].includes(spelled))
}
