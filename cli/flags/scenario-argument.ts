import { readdir } from 'node:fs/promises'
import { type BurstError, invalidInput } from '../../core/errors.ts'
import { diskCause } from '../../functions/files/disk.ts'
import type { RunFlags } from './run-options.ts'

export const scenarioEnding = /\.burst\.(?:[cm]?[jt]s)$/

/**
 * Returns the scenario file to run: `named`, or the only scenario in the folder if `named` is undefined. Does not check whether the named file
 * exists.
 * @throws BurstError (104) when burst must look for a scenario in the folder, but the folder cannot be read or does not contain exactly one scenario
 */
export async function findScenario(named: string | undefined, cwd: string): Promise<string> {
  if (named !== undefined) return named
  const names = await readdir(cwd).catch((cause: unknown) => {
    throw invalidInput(`this folder cannot be read: ${diskCause(cause)}`, { hint: 'name a scenario file', cause })
  })
  const found = names.filter((file) => scenarioEnding.test(file)).toSorted()
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

/**
 * The scenario that the user named (undefined if none was named), and the tags. The tags do not contain the scenario, even if it was parsed as a tag.
 */
export interface Choice {
  file: string | undefined
  tags: string[]
  excludeTags: string[]
}

/**
 * Returns the scenario that the argument or `--file` names, and the tags. A list of tags has no end marker, so a file name after the tags is parsed
 * as a tag: `-T a b shop.burst.ts` is parsed as three tags. Such a file name counts as the scenario and not as a tag.
 * @throws BurstError (104) when the argument, `--file` and the tags name more than one scenario
 */
export function scenarioAndTags(argument: string | undefined, flags: RunFlags): Choice {
  const { file, tags = [], excludeTags = [] } = flags
  const isNamed = (argument ?? file) !== undefined
  const [wanted, unwanted] = [withoutFiles(tags, isNamed), withoutFiles(excludeTags, isNamed)]
  const named = [argument, file, ...wanted.files, ...unwanted.files].filter((one) => one !== undefined)
  const different = [...new Set(named)]
  if (different.length > 1) throw severalScenarios(different)
  return { file: different[0], tags: wanted.tags, excludeTags: unwanted.tags }
}

/** Matches names that are names of scenarios and not of tags. A name such as `next.js` may also be the name of a tag. */
const surelyFile = /\.burst\.[cm]?js$|\.[cm]?ts$/

/**
 * Separates the names of files from the tags.
 * @param isNamed `true` if the argument or `--file` names a scenario. If `isNamed` is false, a name that ends in `.js`, `.mjs` or `.cjs` also counts
 * as a file, but only as the last of the strings.
 */
function withoutFiles(given: readonly string[], isNamed: boolean): { files: string[]; tags: string[] } {
  const isFile = (text: string, k: number): boolean =>
    surelyFile.test(text) || (!isNamed && k === given.length - 1 && /\.[cm]?js$/.test(text))
  return { files: given.filter(isFile), tags: given.filter((text, k) => !isFile(text, k)) }
}

function severalScenarios(files: readonly string[]): BurstError {
  const [first = '', second] = files
  if (files.length === 2) return invalidInput(`two scenarios are named, ${first} and ${second}`, { hint: oneOf(first) })
  return invalidInput(`${files.length} scenarios are named`, { hint: oneOf(first).replace('both', 'all') })
}

function oneOf(file: string): string {
  return `a run has one scenario: type 'burst run ${file}', or import the user classes of both files into one file`
}

/** Returns the error for a command with more than one argument. A command runs only one scenario. */
export function tooManyScenarios([command = 'run', ...rest]: readonly string[]): BurstError {
  const files = rest.filter((arg) => /^[^-].*\.[cm]?[jt]s$/.test(arg))
  const [first = 'shop.burst.ts'] = files
  if (files.length > 1) return severalScenarios(files)
  return invalidInput(`'burst ${command}' takes one argument, the scenario file`, {
    hint: `type 'burst ${command} ${first} -u 50 -t 2m'; users and times are options, and a value with spaces needs quotes`,
  })
}
