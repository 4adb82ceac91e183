import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addFlags, scenarioFlags } from '../../../cli/flags/flags.ts'
import { refuseBlank } from '../../../cli/flags/refuse-blank.ts'

function commandWith(args: readonly string[]): Command {
  const command = new Command('run').argument('[scenario]')
  addFlags(command, 'Scenario:', scenarioFlags())
  return command.parse(args, { from: 'user' })
}

test.each([',', 'a,,b', 'a,', ',a', 'a, ,b'])('a list with an empty item is refused: %j', (list) => {
  for (const flag of ['--tags', '--exclude-tags'])
    expect(() => refuseBlank(commandWith([flag, list]))).toThrow(
      expect.objectContaining({
        message: `${flag} is ${JSON.stringify(list)}, which has an empty item`,
        exitCode: 104,
      }),
    )
})

test('the items of a list may be separated by commas, by blanks or by both', () => {
  for (const list of [['a'], ['a,b'], ['a, b'], ['a,', 'b'], ['a', ',b'], ['a', 'b,c']])
    expect(() => refuseBlank(commandWith(['--tags', ...list]))).not.toThrow()
})

test('a value that is not a list may have several commas in a row', () => {
  expect(() => refuseBlank(commandWith(['--var', 'list=a,,b', '--seed', ',']))).not.toThrow()
})
