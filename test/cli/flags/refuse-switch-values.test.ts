import { expect, test } from 'vitest'
import { refuseSwitchValues } from '../../../cli/flags/refuse-switch-values.ts'
import { buildProgram } from '../../../cli/program.ts'

const program = buildProgram(() => undefined)
const switches = program.commands.flatMap((command) =>
  command.options
    .filter(({ required, optional }) => !required && !optional)
    .map(({ long, short }) => ({ command: command.name(), long: long ?? '', short })),
)

test('every flag that takes no value is refused with a value, in all commands, by its long name and by its letter', () => {
  expect(switches.length).toBeGreaterThan(50)
  for (const { command, long, short } of switches) {
    for (const flag of [long, ...(short === undefined ? [] : [short])]) {
      expect(() => refuseSwitchValues(program, [command, `${flag}=false`]), `${command} ${flag}`).toThrow(
        expect.objectContaining({
          message: `${long} is false, but this flag takes no value`,
          hint: `write ${long}, or leave it out`,
          exitCode: 104,
        }),
      )
    }
  }
})

test.each([
  ['run --fail_on_error=1', '--fail-on-error is 1, but this flag takes no value'],
  ['run --insecure-skip-tls-verify=true', '--insecure is true, but this flag takes no value'],
  ['run x.ts -u=3 -k=true', '--insecure is true, but this flag takes no value'],
  ['run --json=', '--json is "", but this flag takes no value'],
])('burst %s is refused, and the message has the name of the flag in burst', (typed, message) => {
  expect(() => refuseSwitchValues(program, typed.split(' '))).toThrow(message)
})

test.each(['run --users=3 -t=5m --json', 'run --name --json=no', 'run -- --json=no', 'run --unknown=1', '--version=1'])(
  'burst %s contains no switch with a value',
  (typed) => {
    expect(() => refuseSwitchValues(program, typed.split(' '))).not.toThrow()
  },
)
