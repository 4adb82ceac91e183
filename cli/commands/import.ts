import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Command, Option } from 'commander'
import { BurstError, invalidInput } from '../../core/errors.ts'
import { diskCause, diskCode, isWrongPath } from '../../functions/files/disk.ts'
import { type Format, formats } from '../../import/formats.ts'
import { scenarioEnding } from '../flags/scenario-argument.ts'
import { addDebugFlag, addFlags } from '../flags/flags.ts'

interface ImportFlags {
  out?: string
  format?: Format
  dropStatic?: boolean
  onlyHost?: string[]
  only?: string[]
}

/** `burst import`: writes a scenario from a file of another tool. */
export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description('write a scenario from a file of another tool; existing files are not overwritten')
    .argument('<file>', 'the file to import; - means standard input')
  addFlags(command, 'Result:', [
    new Option('--out <file>', 'the path of the scenario; default: the path of the file, with the extension .burst.ts'),
    new Option('--format <format>', 'the format of the file; default: recognised by its name and content').choices(
      formats,
    ),
  ])
  addFlags(command, 'Recordings (HAR):', [
    new Option('--drop-static', 'leave out images, styles, scripts, fonts and media'),
    new Option('--only-host <host...>', 'only requests to these hosts, such as shop.example.com or *.example.com'),
  ])
  addFlags(command, 'OpenAPI:', [
    new Option('--only <pattern...>', 'only operations with this tag, operationId or path; * matches any text'),
  ])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (file: string, flags: ImportFlags) => {
    process.stdout.write(`${(await importInto(file, flags)).join('\n')}\n`)
  })
}

async function importInto(file: string, { out, format, dropStatic, onlyHost, only }: ImportFlags): Promise<string[]> {
  const scenario = out ?? beside(file)
  if (!scenarioEnding.test(scenario)) throw invalidInput(`--out ${scenario} does not end in .burst.ts`)
  // Only this command loads the parsers.
  const { importFile } = await import('../../import/import.ts')
  const { code, todos, users } = await importFile(file, {
    format,
    into: dirname(scenario),
    dropStatic,
    onlyHosts: onlyHost,
    only,
  })
  await writeNew(scenario, code)
  const left =
    todos === 0
      ? 'the file contains no TODO'
      : `${todos} ${todos === 1 ? 'part was' : 'parts were'} not translated: search the file for TODO`
  return [
    `wrote  ${scenario}: ${users} user ${users === 1 ? 'class' : 'classes'}; ${left}`,
    '',
    'Next:',
    `  npx burst debug ${scenario}${/^ {2}host: /m.test(code) ? '' : ' -H https://…   # the scenario has no host'}`,
  ]
}

/** Returns the scenario's default path. */
function beside(file: string): string {
  if (file === '-') return 'imported.burst.ts'
  return join(dirname(file), `${basename(file).replace(/\.[^.]+$/, '')}.burst.ts`)
}

async function writeNew(path: string, code: string): Promise<void> {
  try {
    await writeFile(path, code, { flag: 'wx' })
  } catch (cause) {
    if (diskCode(cause) === 'EEXIST') {
      throw invalidInput(`${path} already exists`, { hint: 'name another file with --out' })
    }
    const said = `cannot write ${path}: ${diskCause(cause)}`
    if (!isWrongPath(cause)) throw new BurstError('runFailed', said, { cause })
    throw invalidInput(said, { hint: 'name another path with --out; its folder must exist', cause })
  }
}

const examples = `
Examples:
  burst import locustfile.py
  burst import locustfile.py --out load/shop.burst.ts
  burst import requests.sh
  burst import script.js                     a k6 script
  burst import plan.jmx                      a plan of JMeter
  burst import visit.har --drop-static --only-host shop.example.com
  burst import openapi.yaml --only users '/orders/*'
  burst import - --out cart.burst.ts         paste from "Copy as cURL", then Ctrl-D`
