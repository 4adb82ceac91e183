import { Option } from 'commander'
import { type FindWish, shareIn } from '../../core/thresholds/find-wish.ts'
import { parseWrittenThreshold } from '../../core/thresholds/written-threshold.ts'
import { usersCap } from '../../core/plan/option-checks.ts'
import { repeated } from './flags.ts'
import { grouped } from '../../core/words.ts'
import { invalidInput } from '../../core/errors.ts'
import { inWords } from '../../core/values-in-words.ts'
import { numberIn } from './numbers.ts'
import { time } from './run-options.ts'

/** The flags of `burst find`, as typed. */
export interface FindFlags {
  max?: string
  start?: string
  step?: string
  until?: string[]
  precision?: string
}

const longestStepMs = 3_600_000

export function findFlags(): Option[] {
  return [
    new Option('--max <n>', 'the highest load to try: users, or arrivals per second if the file has arrivals'),
    new Option('--start <n>', 'the first load; default: a sixteenth of --max'),
    new Option('--step <time>', 'how long each load is measured; default: 1m'),
    new Option(
      '--until <threshold>',
      'a threshold that decides whether a load holds; may be repeated; default: find.until of the scenario; if find.until is not set, the thresholds of the scenario',
    ).argParser(repeated),
    new Option(
      '--precision <share>',
      'the search ends when the lowest load that breaks is at most this share above the highest load that holds; default: 5%',
    ),
  ]
}

/**
 * Returns the checked options of the search from its flags.
 * @throws BurstError (104) that names the first invalid flag, or the invalid threshold of `--until`
 */
export function findWish({ max, start, step, until, precision }: FindFlags): FindWish {
  for (const expression of until ?? []) parseWrittenThreshold(expression)
  const wish = {
    max: level(max, '--max'),
    start: level(start, '--start'),
    stepMs: time(step, '--step', { least: 1, most: longestStepMs }),
    until,
    precision: precision === undefined ? undefined : shareIn(precision, '--precision'),
  }
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined))
}

function level(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined
  const value = numberIn(text)
  if (value > 0 && value <= usersCap) return value
  throw invalidInput(`${flag} is ${inWords(text)}`, { hint: `give a number above 0 and up to ${grouped(usersCap)}` })
}
