import { expect, test } from 'vitest'
import { buildProgram } from '../../../cli/program.ts'
import { withoutSwitchValues } from '../../../cli/flags/switch-values.ts'

const program = buildProgram(() => undefined)
const switches = program.commands.flatMap((command) =>
  command.options
    .filter(({ required, optional }) => !required && !optional)
    .map(({ long, short }) => ({ command: command.name(), long: long ?? '', short })),
)

test('every switch accepts =true and =false after its long name and after its letter, and refuses other values', () => {
  expect(switches.length).toBeGreaterThan(50)
  for (const { command, long, short } of switches) {
    for (const flag of [long, ...(short === undefined ? [] : [short])]) {
      expect(withoutSwitchValues(program, [command, `${flag}=true`, 'x'])).toEqual([command, flag, 'x'])
      expect(withoutSwitchValues(program, [command, `${flag}=false`, 'x'])).toEqual([command, 'x'])
      expect(() => withoutSwitchValues(program, [command, `${flag}=no`]), `${command} ${flag}`).toThrow(
        expect.objectContaining({
          message: `${long} is no, but this flag takes no value`,
          hint: `write ${long}, or leave it out`,
          exitCode: 104,
        }),
      )
    }
  }
})

test.each([
  ['run --fail_on_error=1', '--fail-on-error is 1, but this flag takes no value'],
  ['run --insecure-skip-tls-verify=yes', '--insecure is yes, but this flag takes no value'],
  ['run x.ts -u=3 -k=0', '--insecure is 0, but this flag takes no value'],
  ['run --json=', '--json is "", but this flag takes no value'],
])('burst %s is refused, and the error names the flag as burst spells it', (typed, message) => {
  expect(() => withoutSwitchValues(program, typed.split(' '))).toThrow(message)
})

test.each(['run --users=3 -t=5m --json', 'run --name --json=no', 'run -- --json=no', 'run --unknown=1', '--version=1'])(
  'burst %s contains no switch with a value',
  (typed) => {
    expect(withoutSwitchValues(program, typed.split(' '))).toEqual(typed.split(' '))
  },
)
