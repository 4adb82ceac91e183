import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { burst, emptyFolder, startBurst } from './command-line.ts'

test('flags are also accepted in the spelling of other tools', async () => {
  const { code, stderr } = await burst(['run', '--local', '-u=3', '--run_time=0'], await emptyFolder())
  expect({ code, stderr }).toEqual({
    code: 104,
    stderr: 'burst: --run-time is 0\n  give more than 0 and at most 168h\n',
  })
})

test('--version prints the version of the package', async () => {
  expect((await burst(['--version'], await emptyFolder())).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

const whereRunsAreNamed = 'burst list names the runs on AWS; for a run on this machine, add --local'

const whereValuesAreFrom =
  'give a value, or leave it out; if the value is from a variable of the shell, check that the variable is set'

test.each([
  [['rn'], "unknown command 'rn'", 'Did you mean run?'],
  [['run', '--userss', '3'], "unknown option '--userss'", 'Did you mean --users?'],
  [['run', '-u'], "option '-u, --users <n>' argument missing", 'burst run --help lists its arguments and flags'],
  [['compare'], "missing required argument 'old'", 'burst compare --help lists its arguments and flags'],
  [['watch'], 'name the run', whereRunsAreNamed],
  [['pause'], 'name the run', whereRunsAreNamed],
  [['continue'], 'name the run', whereRunsAreNamed],
  [['scale', '--users', '5'], 'name the run', whereRunsAreNamed],
  [
    ['--wrong'],
    "unknown option '--wrong'",
    'burst --help lists the commands; burst <command> --help lists the flags of a command',
  ],
  [['run', '-u', '0', '--local'], '--users is 0', 'give a whole number from 1 to 10,000,000'],
  [['run', '--local', '--detach'], '--detach cannot be used with --local', 'remove one of these flags'],
  [
    ['run', '--local', '-k=yes'],
    '--insecure is yes, but this flag takes no value',
    'write --insecure, or leave it out',
  ],
  [
    ['run', '--local', '--tags', 'a,,b'],
    '--tags is "a,,b", which has an empty item',
    'remove a comma; if an item is from a variable of the shell, check that the variable is set',
  ],
  [
    ['deploy', '--allow', 'a.example', '--subnets', ','],
    '--subnets is ",", which has an empty item',
    'remove a comma; if an item is from a variable of the shell, check that the variable is set',
  ],
  [
    ['run', '--local', '-T', 'a', 'x.ts', '-E', 'b', 'y.ts'],
    'two scenarios are named, x.ts and y.ts',
    "a run has one scenario: type 'burst run x.ts', or import the user classes of both files into one file",
  ],
  [['run', '--local', '--ui-port', '0'], '--ui-port needs --ui', 'add --ui, or remove --ui-port'],
  [['find', '--local', '--ui-host', '0.0.0.0'], '--ui-host needs --ui', 'add --ui, or remove --ui-host'],
  [['run', '--local', '--stack-name', 'a'], '--stack-name cannot be used with --local', 'remove one of these flags'],
  [['plan', '--local', '--profile', 'a'], '--profile cannot be used with --local', 'remove one of these flags'],
  [['report', 'r1', '--url', '--out', 'files'], '--out cannot be used with --url', 'remove one of these flags'],
  [['report', 'r1', '--url', '--json'], '--json cannot be used with --url', 'remove one of these flags'],
  [['report', 'r1', '--url', '--open'], '--open cannot be used with --url', 'remove one of these flags'],
  [['report', 'r1', '--url', '--format', 'csv'], '--url cannot be used with --format', 'remove one of these flags'],
  [['stop'], 'name one run, or --all', whereRunsAreNamed],
  [['stop', 'r1', '--all', '--local'], 'name one run, or --all', 'remove one of these flags'],
  [['run', '--local', '--out', ''], '--out is empty', whereValuesAreFrom],
  [['run', '--local', '--tags', 'read', ' '], '--tags is empty', whereValuesAreFrom],
  [['run', '--local', '-u', ''], '--users is empty', whereValuesAreFrom],
  [['stop', '', '--local'], "the argument 'run' is empty", whereValuesAreFrom],
  [['report', ' ', '--local'], "the argument 'run' is empty", whereValuesAreFrom],
  [['compare', 'burst-results', ''], "the argument 'new' is empty", whereValuesAreFrom],
  [
    ['init', 'soak.burst.ts'],
    "'soak.burst.ts' is the name of a file, but burst init takes a folder",
    'burst init without an argument writes first.burst.ts to this folder; the file may be renamed',
  ],
  [
    ['init', 'shop.burst.txt'],
    "'shop.burst.txt' is the name of a file, but burst init takes a folder",
    'burst init without an argument writes first.burst.ts to this folder; the file may be renamed',
  ],
  [['list', '-n', 'many'], '--last is many', 'give a whole number, 1 or more'],
  [['list', '-n', '0'], '--last is 0', 'give a whole number, 1 or more'],
  [
    ['run', '--region', 'nowhere', 'x.burst.ts'],
    "'nowhere' is not an AWS region",
    'write it like --region eu-central-1',
  ],
  [
    ['watch', 'r1', '--endpoint', 'nowhere'],
    "the endpoint 'nowhere' is not an http URL",
    'write it like --endpoint http://localhost:4566',
  ],
  [
    ['run', '--local'],
    'this folder has no scenario: no file name ends in .burst.ts',
    "name a scenario, as in 'burst run load/shop.burst.ts', or write a first scenario with 'burst init'",
  ],
  [
    ['run', 'a.burst.ts', '-f', 'b.burst.ts', '--local'],
    'two scenarios are named, a.burst.ts and b.burst.ts',
    "a run has one scenario: type 'burst run a.burst.ts', or import the user classes of both files into one file",
  ],
  [
    ['run', 'a.burst.ts', 'b.burst.ts', '--local'],
    'two scenarios are named, a.burst.ts and b.burst.ts',
    "a run has one scenario: type 'burst run a.burst.ts', or import the user classes of both files into one file",
  ],
  [
    ['run', 'a.burst.ts', '--headless', '--local'],
    "unknown option '--headless'",
    'burst starts the run immediately and stays in the terminal; remove the option',
  ],
  [['debug', '-H', 'nowhere'], "host 'nowhere' has no scheme", 'write https://nowhere, in the scenario or with -H'],
])('burst %j exits with code 104 and prints a one-sentence error message and a hint', async (args, sentence, hint) => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'shop.burst.txt'), '')
  expect(await burst(args, folder)).toEqual({ code: 104, stdout: '', stderr: `burst: ${sentence}\n  ${hint}\n` })
})

test('burst init writes to an existing folder whose name looks like the name of a program file', async () => {
  const folder = await emptyFolder()
  await mkdir(join(folder, 'load.ts'))
  expect(await burst(['init', 'load.ts'], folder)).toMatchObject({ code: 0, stderr: '' })
  expect(await readdir(join(folder, 'load.ts'))).toContain('first.burst.ts')
})

/** Environment variables that hide the AWS settings of this machine. */
const withoutAws = {
  ...Object.fromEntries(
    Object.keys(process.env).flatMap((name) => (name.startsWith('AWS_') ? [[name, undefined]] : [])),
  ),
  AWS_CONFIG_FILE: '/nowhere',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  AWS_EC2_METADATA_DISABLED: 'true',
}

test.each([
  [['run', 'x.burst.ts'], 'no AWS region is chosen', 'choose a region with --region, e.g. --region eu-central-1'],
  [
    ['run', 'x.burst.ts', '--region', 'eu-west-1'],
    'there are no AWS credentials',
    'sign in with aws configure or aws sso login, or choose a profile with --profile',
  ],
  ...[
    'list',
    'watch r1',
    'report r1',
    'scale r1 --users 5',
    'pause r1',
    'continue r1',
    'stop r1',
    'deploy --allow a.example',
    'doctor',
    'destroy',
  ].map((command): [string[], string, string] => [
    command.split(' '),
    'no AWS region is chosen',
    'choose a region with --region, e.g. --region eu-central-1',
  ]),
])(
  'on a machine without AWS settings, burst %j says what is missing, and names the commands that work with --local',
  async (args, sentence, hint) => {
    expect(await burst(args, await emptyFolder(), withoutAws)).toEqual({
      code: 104,
      stdout: '',
      stderr: `burst: ${sentence}\n  ${hint}; to work without AWS, add --local to burst run, find, list, watch, scale, pause, continue, stop or report\n`,
    })
  },
)

test('an empty AWS_REGION does not hide the region in AWS_DEFAULT_REGION', async () => {
  const env = { ...withoutAws, AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' }
  const { stderr } = await burst(['run', 'x.burst.ts'], await emptyFolder(), env)
  expect(stderr).toMatch(/^burst: there are no AWS credentials\n/)
})

test('the error for a mistake in the scenario names the file and the line, and contains no stack trace of burst', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'bad.burst.ts'), 'const a = 1\nthrow new Error("no accounts")\n')
  const { code, stderr } = await burst(['run', '--local'], folder)
  expect(code).toBe(107)
  expect(stderr).toContain('no accounts')
  expect(stderr).toContain('bad.burst.ts:2')
  expect(stderr).not.toContain('    at ')
})

test('if Node is too old, burst exits with a one-sentence error message, and the hint says how to get a newer version of Node', async () => {
  const folder = await emptyFolder()
  const old = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.4' } })"
  await writeFile(join(folder, 'old.mjs'), old)
  const { code, stdout, stderr } = await burst(['--version'], folder, {
    NODE_OPTIONS: `--import ${pathToFileURL(join(folder, 'old.mjs')).href}`,
  })
  expect({ code, stdout }).toEqual({ code: 104, stdout: '' })
  expect(stderr).toMatch(
    /^burst: Node 22\.19 or newer is needed; this is Node 20\.19\.4\n {2}for this project: npm install .* node@24, /,
  )
})

test('if a command does not execute a run, Ctrl-C sends SIGINT, and this signal ends the command (exit code 130 in a shell)', async () => {
  const { child, ended } = startBurst(['import', '-', '--out', 'x.burst.ts'], await emptyFolder())
  child.kill('SIGINT')
  await ended
  expect([child.exitCode, child.signalCode]).toEqual([null, 'SIGINT'])
})

test('--debug and BURST_DEBUG show the stack trace of an error', async () => {
  const folder = await emptyFolder()
  const [flag, variable] = await Promise.all([
    burst(['run', 'nothing.burst.ts', '--local', '--debug'], folder),
    burst(['run', 'nothing.burst.ts', '--local'], folder, { BURST_DEBUG: '1' }),
  ])
  expect(flag.stderr).toContain('\n    at ')
  expect(variable.stderr).toContain('\n    at ')
})

test('if the folder contains several scenarios and the command names none, the error lists them', async () => {
  const folder = await emptyFolder()
  await Promise.all(['b.burst.ts', 'a.burst.ts'].map((name) => writeFile(join(folder, name), '')))
  const { stderr } = await burst(['run', '--local'], folder)
  expect(stderr).toBe(
    "burst: this folder has 2 scenarios\n  name one of a.burst.ts, b.burst.ts, as in 'burst run a.burst.ts'\n",
  )
})

test('an error that is written to a pipe has colours only if FORCE_COLOR is set', async () => {
  const folder = await emptyFolder()
  expect((await burst(['run'], folder, { FORCE_COLOR: '1' })).stderr).toContain('\u001b[31m')
  expect((await burst(['run'], folder)).stderr).not.toContain('\u001b')
})
