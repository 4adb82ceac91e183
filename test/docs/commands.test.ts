import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CommanderError } from 'commander'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { spelledOut } from '../../cli/flags/arguments.ts'
import { findWish } from '../../cli/flags/find-flags.ts'
import { budget, runOptions, summaryFormat } from '../../cli/flags/run-options.ts'
import { buildProgram } from '../../cli/program.ts'
import { metricsPlace } from '../../cli/run/metrics/endpoint.ts'
import { otlpUrl } from '../../cli/run/metrics/otlp-push.ts'
import { remoteWriteUrl } from '../../cli/run/metrics/remote-write/settings.ts'
import { checkedFormat } from '../../cli/run/outputs/report-format.ts'
import { emptyFolder } from '../cli/command-line.ts'
import { startCountingTarget } from '../targets/counting-target.ts'
import { codeBlocks, page, root } from './code-blocks.ts'
import { commandsIn, commandsInBlocks, commandsInProse } from './shell-commands.ts'

/** The arguments for a short run against the target of the test. */
const short = ['-u', '2', '-t', '1s', '-H', 'TARGET', '--out', 'before']

/** The commands that the test runs, in this order and in one folder. `more`: the arguments that the test adds to a command. */
const executed: [command: string, more: string[]][] = [
  ['npx burst init', []],
  ['npx burst debug first.burst.ts', ['-H', 'TARGET']],
  ['npx burst run first.burst.ts --local', short],
  ['npx burst import locustfile.py', []],
  ['npx burst import locustfile.py --out load/shop.burst.ts', []],
  ['npx burst debug locustfile.burst.ts -H https://staging.example.com', ['-H', 'TARGET']],
  ['npx burst import requests.sh', []],
  ['npx burst import script.js', []],
  ['npx burst import plan.jmx', []],
  ['npx burst import visit.har --drop-static --only-host shop.example.com', []],
  ["npx burst import openapi.yaml --only users '/orders/*'", []],
  ['burst report burst-results/20261121-104411-shop-7f3a/report.json --format markdown', []],
  ['npx burst compare before/report.json after/report.html', []],
]

/**
 * The commands that the test does not run, each with the reason. For these commands, the test only checks the options, the values and the npm
 * scripts.
 */
const reasons: [commands: RegExp, reason: string][] = [
  [/^npx burst (?:deploy|doctor|list|pause|stop|destroy)\b/, 'it needs a stack on AWS'],
  [/^npx burst run (?!.*--local\b)/, 'it needs a stack on AWS'],
  [/^npx burst (?:run|find) .*--local\b/, 'it runs for minutes; a shorter run has the same options'],
  [/^npx burst debug /, 'it needs the scenario of the page, which test/docs/code-blocks.test.ts loads'],
  [/^npx burst demo$/, '.ci/run runs it, in 30 s'],
  [/^npx burst ui\b/, 'it serves a page until Ctrl-C; the tests in test/cli/ui start it'],
  [/^npx burst import - /, 'it reads what a person pastes'],
  [/^npx burst compare \d{8}-/, 'the runs are examples'],
  [/^npm cit?$/, '.ci/run runs it'],
  [/^npm (?:test$|run )/, 'it runs all tests or benchmarks; the script exists'],
  [/^npm (?:pack|install )/, 'test/package/package.test.ts packs and installs burst'],
  [/^docker compose up -d$/, 'it starts LocalStack in Docker, which has its own tests'],
  [/^(?:k6|locust) /, 'it is a command of another tool, for comparison'],
  [/^(?:curl|jq) /, 'it is input for burst import; the test imports the block'],
]

const inBlocks = commandsInBlocks()

test('this file lists every command of the documentation, either as a command that a test runs or with the reason why no test runs it', () => {
  expect(inBlocks.length).toBeGreaterThan(70)
  const rows = [...executed, ...reasons].map(([row]) => row)
  const isOf = (text: string, row: string | RegExp): boolean => (typeof row === 'string' ? row === text : row.test(text))
  const found = inBlocks.map(({ place, text }) => ({ place, text, row: rows.find((row) => isOf(text, row)) }))
  expect(found.filter(({ row }) => row === undefined)).toEqual([])
  expect(rows.filter((row) => !found.some((one) => one.row === row))).toEqual([])
})

test('burst accepts every burst command in the documentation, the CI files and the help, with all options and values', async () => {
  const inCi = ['github-actions', 'gitlab-ci'].flatMap((name) => ciLines(page(`docs/ci/${name}.yml`)))
  const inHelp = examplesOfHelp()
  expect(inCi.length).toBeGreaterThan(3)
  expect(inHelp.length).toBeGreaterThan(20)
  const whole = [...inBlocks, ...inCi, ...inHelp].filter(({ words }) => isBurst(words))
  expect(whole.length).toBeGreaterThan(100)
  const refused = []
  for (const { place, text, words } of whole) refused.push(await refusal(words, place, text))
  // The prose may name an option without its value, so a missing value is not an error here. In some commands, N stands for a number.
  const inProse = commandsInProse()
  expect(inProse.length).toBeGreaterThan(100)
  for (const { place, text, words } of inProse) {
    const filled = words.map((word) => (word === 'N' ? '10' : word))
    const found = await refusal(filled, place, text)
    if (!/argument missing|missing required argument/.test(found)) refused.push(found)
  }
  expect(refused.filter((one) => one !== '')).toEqual([])
})

test('the check of the documented commands finds a wrong option and a wrong value', async () => {
  for (const wrong of ['run --usres 5', 'run -u many', 'find --step never', 'nothing', 'report a --format pdf', 'plan a b'])
    expect(await refusal(['burst', ...wrong.split(' ')], 'here', wrong)).toContain(`here: ${wrong}: `)
})

test('the documented commands name only scripts and files that exist', () => {
  const { scripts } = JSON.parse(page('package.json')) as { scripts: Record<string, string> }
  const named = inBlocks.flatMap(({ words: [program, verb, name = ''] }) =>
    program === 'npm' && verb === 'run' ? [name] : [],
  )
  expect(named.length).toBeGreaterThan(6)
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  expect(existsSync(join(root, 'docker-compose.yml'))).toBe(true)
})

test('the documented commands for a first scenario, for imports and for reports succeed', async () => {
  const target = await startCountingTarget()
  const folder = await folderOfPages(target.origin)
  const part = async (some: typeof executed) => said(folder, some.map(([text, more]) => argsOf(text, more, target.origin)))
  const cut = executed.findIndex(([text]) => text.startsWith('burst report'))
  const begun = await part(executed.slice(0, cut))
  await cp(join(folder, 'before'), join(folder, 'after'), { recursive: true })
  await cp(join(folder, 'before'), join(folder, 'burst-results/20261121-104411-shop-7f3a'), { recursive: true })
  const ended = await part(executed.slice(cut))
  await target.close()
  const results = [...begun, ...ended].map(({ code, said: text }, k) => ({ command: executed[k]?.[0], code, text }))
  expect(results.filter(({ code }) => code !== 0)).toEqual([])
  expect(results).toHaveLength(executed.length)
  expect(await readFile(join(folder, 'load/shop.burst.ts'), 'utf8')).toContain('HttpUser')
})

function isBurst(words: readonly string[]): boolean {
  return words[words[0] === 'npx' ? 1 : 0] === 'burst'
}

function argsOf(text: string, more: readonly string[], target: string): string[] {
  const words = commandsIn(text, '').flatMap((one) => one.words)
  const own = [...words.slice(words.indexOf('burst') + 1), ...more]
  return own.map((word) => (word === 'TARGET' ? target : word))
}

/** Creates a folder with every file of another tool that the documentation names, e.g. a HAR file and a locustfile. */
async function folderOfPages(target: string): Promise<string> {
  const folder = await emptyFolder()
  await mkdir(join(folder, 'load'))
  const curl = codeBlocks('docs/import.md', 'sh').find(({ code }) => /^curl /m.test(code))
  const files = {
    'locustfile.py': `from locust import HttpUser, task
class Visitor(HttpUser):
    @task
    def page(self):
        self.client.get("/page")
`,
    'requests.sh': curl?.code ?? '',
    'script.js': `import http from 'k6/http'
export default function () { http.get('${target}/page') }
`,
    'visit.har': JSON.stringify({ log: { version: '1.2', creator: {}, entries: [harEntry('https://shop.example.com/cart')] } }),
    'openapi.yaml': `openapi: 3.0.3
info: { title: shop, version: '1' }
servers: [{ url: 'https://shop.example.com' }]
paths:
  /users: { get: { tags: [users], responses: { '200': { description: ok } } } }
  /orders/all: { get: { responses: { '200': { description: ok } } } }
`,
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await copyFile(join(root, 'test/import/jmeter/elements/login.jmx'), join(folder, 'plan.jmx'))
  return folder
}

function harEntry(url: string) {
  const empty = { headers: [], cookies: [], headersSize: -1, bodySize: -1, httpVersion: 'HTTP/1.1' }
  return {
    startedDateTime: '2026-11-21T10:00:00Z',
    time: 10,
    request: { ...empty, method: 'GET', url, queryString: [] },
    response: { ...empty, status: 200, statusText: 'OK', content: { size: 0, mimeType: 'text/html' }, redirectURL: '' },
    cache: {},
    timings: { send: 0, wait: 10, receive: 0 },
  }
}

async function said(cwd: string, commands: readonly string[][]): Promise<{ code: number; said: string }[]> {
  const program = join(root, 'test/docs/run-commands.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(commands)], {
    cwd,
    env: { ...process.env, GITHUB_STEP_SUMMARY: '' },
    maxBuffer: 2 ** 26,
  })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { code: number; said: string })
}

/**
 * Returns the reason why burst refuses a command. Returns an empty string if burst accepts the command. The command is parsed and its values are
 * checked, but it is not executed.
 */
async function refusal(words: readonly string[], place: string, text: string): Promise<string> {
  try {
    const program = buildProgram(() => undefined)
    for (const command of program.commands)
      command.action((...given: unknown[]) => checkValues(command.name(), given.at(-2) as Record<string, never>))
    await program.parseAsync(spelledOut(words.slice(words.indexOf('burst') + 1)), { from: 'user' })
    return ''
  } catch (error) {
    return `${place}: ${text}: ${error instanceof CommanderError ? error.message : String(error)}`
  }
}

function checkValues(command: string, flags: Record<string, never>): void {
  if (['run', 'find', 'plan', 'debug'].includes(command)) {
    runOptions(flags)
    summaryFormat(flags)
    budget(flags['budget'])
  }
  for (const [name, check] of checks) if (flags[name] !== undefined) check(flags[name])
  if (command === 'find') findWish(flags)
  if (command === 'report' && flags['format'] !== undefined) checkedFormat(flags['format'])
}

const checks: [flag: string, check: (value: string) => unknown][] = [
  ['prometheus', metricsPlace],
  ['prometheusRemoteWrite', remoteWriteUrl],
  ['otlp', otlpUrl],
]

/** Returns the lines of the scripts in a CI file. */
function ciLines(text: string) {
  const lines: string[] = []
  const visit = (node: unknown): void => {
    if (typeof node === 'string' && node.includes('npx burst ')) lines.push(...node.split('\n'))
    else if (typeof node === 'object' && node !== null) Object.values(node).forEach(visit)
  }
  visit(parse(text))
  // The default values of the variables in the CI files.
  const given = { HOST: 'https://staging.example.com', USERS: '50', RUN_TIME: '2m' }
  const filled = lines.map((line) => line.replaceAll(/\$([A-Z_]+)/g, (_, name: keyof typeof given) => given[name]))
  return filled.flatMap((line) => commandsIn(line, 'docs/ci'))
}

/** Returns the examples at the end of each command's help. Two spaces separate a command from its explanation. */
function examplesOfHelp() {
  const program = buildProgram(() => undefined)
  return [program, ...program.commands].flatMap((command) => {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) })
    command.outputHelp()
    const [, examples = ''] = help.split('\nExamples:\n')
    const lines = examples.split('\n').flatMap((line) => /^ {2}(burst .+?)(?: {2,}.*)?$/.exec(line)?.[1] ?? [])
    return lines.flatMap((line) => commandsIn(line, `burst ${command.name()} --help`))
  })
}
