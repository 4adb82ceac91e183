import { type Command, Option } from 'commander'
import { type BurstError, invalidInput } from '../../../core/errors.ts'
import type { PlaceFlags } from '../../aws/place.ts'
import { checkedFormat, isPathOfReport, reportFormats } from '../../run/outputs/report-format.ts'
import { addDebugFlag, addFlags } from '../../flags/flags.ts'
import { localFlag, placeNames, refuseWithLocal } from '../../flags/local-flag.ts'
import { placeFlags } from '../../flags/place-flags.ts'
import { placeOf } from './run-argument.ts'

type Flags = PlaceFlags & {
  local?: boolean
  open?: boolean
  url?: boolean
  out?: string
  finalize?: boolean
  json?: boolean
  format?: string
}

/** `burst report`: fetches the report of a run on AWS, or shows the report of a run on this machine. */
export function addReport(program: Command, done: (exitCode: number) => void): void {
  const command = program
    .command('report')
    .description('fetch the report of a run on AWS, or with --local show the report of a run on this machine')
    .argument(
      '[run]',
      'the name of the run (from burst list), the path of a report.json, or the path of a folder with the files of a run; default with --local: the newest run of this folder',
    )
  addFlags(command, 'Result:', [
    new Option('--open', 'open the report in the browser'),
    new Option('--url', 'print a link to the report; anyone can open the link until it expires'),
    new Option('--out <folder>', 'the folder for the files; default: burst-results/<run>'),
    new Option('--json', 'print report.json to stdout, and everything else to stderr'),
    new Option('--format <format>', `print the report to stdout, write no files; formats: ${reportFormats.join(', ')}`),
    new Option(
      '--finalize',
      'make the report from the stored counts: on AWS, if the coordinator of the run was lost; with --local, if the store of the run was kept',
    ),
  ])
  addFlags(command, 'Where:', [localFlag(), ...placeFlags()])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (run: string | undefined, flags: Flags) => {
    const { open = false, url = false, finalize = false, json = false, out } = flags
    refuseWithoutEffect(flags)
    const format = flags.format === undefined ? undefined : checkedFormat(flags.format)
    const wanted = { open, finalize, json, format, out, cwd: process.cwd() }
    if (await isLocalReport(run, flags)) {
      refuseWithLocal(flags, ['url', ...placeNames])
      const { showLocalReport } = await import('../../local-runs/show-report.ts')
      return done(await showLocalReport(run, wanted))
    }
    if (run === undefined) throw unnamed()
    const { showReport } = await import('../../aws/running/show-report.ts')
    done(await showReport(await placeOf(flags), run, { ...wanted, url }))
  })
}

/** Returns true if the report is on this machine: with `--local`, or if `run` is a path. */
async function isLocalReport(run: string | undefined, { local = false }: Flags): Promise<boolean> {
  return local || (run !== undefined && (await isPathOfReport(run, process.cwd())))
}

function unnamed(): BurstError {
  return invalidInput('name the run', {
    hint: 'burst list shows the names of the runs on AWS; --local shows the newest run of this folder',
  })
}

/**
 * The flags that have no effect with `--format`, and the flags that have no effect with `--url`. With `--format`, burst prints only a text. With
 * `--url`, burst prints only a link.
 */
const withoutEffect = { format: ['open', 'url', 'out', 'json'], url: ['open', 'out', 'json'] } as const

/** @throws BurstError (104) that names a flag without effect, and the flag (`format` or `url`) that causes this */
function refuseWithoutEffect(flags: Flags): void {
  for (const flag of ['format', 'url'] as const) {
    const other = withoutEffect[flag].find((name) => flags[name] !== undefined)
    if (flags[flag] === undefined || other === undefined) continue
    throw invalidInput(`--${other} cannot be used with --${flag}`, { hint: 'remove one of these flags' })
  }
}

const examples = `
Examples:
  burst report 20261121-104411-shop-7f3a --open
  burst report 20261121-104411-shop-7f3a --url
  burst report --local
  burst report 20261121-104411-shop-7f3a --local
  burst report burst-results/20261121-104411-shop-7f3a/report.json --format markdown`
