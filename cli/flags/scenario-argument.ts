import { readdir } from 'node:fs/promises'
import { type BurstError, invalidInput } from '../../core/errors.ts'
import type { RunFlags } from './run-options.ts'

export const scenarioEnding = /\.burst\.(?:[cm]?[jt]s)$/

/**
 * Returns the scenario file to run: the file that is named, or the only scenario in the folder. Does not check whether the named file exists.
 * @throws BurstError (104) when no scenario is named and the folder does not contain exactly one scenario
 */
export async function findScenario(named: string | undefined, cwd: string): Promise<string> {
  if (named !== undefined) return named
  const found = (await readdir(cwd)).filter((file) => scenarioEnding.test(file)).toSorted()
  const [only] = found
  if (found.length === 1 && only !== undefined) return only
  if (found.length === 0) {
    throw invalidInput('this folder has no scenario: no file name ends in .burst.ts', {
      hint: "name a scenario, as in 'burst run load/shop.burst.ts', or write a first scenario with 'burst init'",
    })
  }
  throw invalidInput(`this folder has ${found.length} scenarios`, {
    hint: `name one of ${found.join(', ')}, as in 'burst run ${only}'`,
  })
}

/** The named scenario, if the user named one, and the tags. If the scenario file was parsed as the last tag, it is not among the tags. */
export interface Choice {
  file: string | undefined
  tags: string[]
  excludeTags: string[]
}

/**
 * Returns the scenario that the argument or `--file` names, and the tags. If neither names a scenario, a scenario file after the tags is the
 * scenario.
 * @throws BurstError (104) when the argument and `--file` name two scenarios
 */
export function scenarioAndTags(argument: string | undefined, flags: RunFlags): Choice {
  const { file, tags = [], excludeTags = [] } = flags
  const named = argument ?? file
  if (named === undefined) {
    const [wanted, unwanted] = [scenarioAmongTags(tags), scenarioAmongTags(excludeTags)]
    return { file: wanted.file ?? unwanted.file, tags: wanted.tags, excludeTags: unwanted.tags }
  }
  if (named === (file ?? named)) return { file: named, tags, excludeTags }
  throw invalidInput(`two scenarios are named, ${named} and ${file}`, { hint: oneOf(named) })
}

function oneOf(file: string): string {
  return `a run has one scenario: type 'burst run ${file}', or import the user classes of both files into one file`
}

/** Returns the error for a command with more than one argument. A command runs only one scenario. */
export function tooManyScenarios([command = 'run', ...rest]: readonly string[]): BurstError {
  const [first, second, ...others] = rest.filter((arg) => /^[^-].*\.[cm]?[jt]s$/.test(arg))
  if (first !== undefined && second !== undefined && others.length === 0)
    return invalidInput(`two scenarios are named, ${first} and ${second}`, { hint: oneOf(first) })
  if (others.length > 0)
    return invalidInput(`${others.length + 2} scenarios are named`, { hint: oneOf(first ?? '').replace('both', 'all') })
  return invalidInput(`'burst ${command}' takes one argument, the scenario file`, {
    hint: `type 'burst ${command} ${first ?? 'shop.burst.ts'} -u 50 -t 2m'; users and times are options, and a value with spaces needs quotes`,
  })
}

/**
 * Finds a scenario file after the tags: `-T a b shop.burst.ts` is parsed as three tags, because the list of tags has no end marker.
 * @returns the file, if there is one, and the remaining tags
 */
function scenarioAmongTags(tags: readonly string[]): { file?: string; tags: string[] } {
  const last = tags.at(-1)
  if (last === undefined || !/\.[cm]?[jt]s$/.test(last)) return { tags: [...tags] }
  return { file: last, tags: tags.slice(0, -1) }
}
