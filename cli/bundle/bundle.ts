import type { RunOptions } from '../../core/plan/options.ts'
import type { Locate } from '../../core/plan/locate.ts'
import type { ScenarioDescription } from '../../core/authoring/description.ts'
import { scenarioEnvironment } from './environment-file.ts'
import { resolve } from 'node:path'
import { checkedFolder, collectFiles } from './files/collected-files.ts'
import { compile, endCompiler, withSourceMap } from './compile/compile.ts'
import { describe } from './describe/describe-in-child.ts'
import { contentHash, embedFiles } from './files/embed.ts'
import { userFrame } from './stack-frames.ts'
import { findScenarioFile } from './scenario-file.ts'
import { type SourceText, locate, locateSubject, readSources } from './sources.ts'
import { checkNames, checkThresholds } from './threshold-names.ts'

/** A scenario in the form in which burst sends it to workers. */
export interface ScenarioBundle {
  /** The file's path, relative to `cwd`. */
  scenario: string
  /** One ES module: the scenario with all its imports, the files that the scenario reads, and the source map. */
  code: string
  /** The SHA-256 of `code` as a hexadecimal string. It is also the name of the bundle in the store. */
  hash: string
  description: ScenarioDescription
  /** The variables for the `process.env` of the scenario. */
  env: Record<string, string>
  warnings: string[]
  /** Returns the position of a string in the user's sources as `file:line`. */
  locate: Locate
  /**
   * Checks the thresholds of the command line: every name in these thresholds must occur in the scenario.
   * @throws BurstError (104) for a name that the scenario does not contain
   */
  checkNames: (thresholds: readonly string[]) => void
}

export interface BundleOptions {
  /** The folder to which `file`, `envFiles`, `filesFolder` and the paths in messages are relative. */
  cwd: string
  /** The maximum time in milliseconds to load the file. Default: 20,000. */
  limitMs?: number
  /** The paths of environment files. The default is the file `.env` beside the scenario, if this file exists. */
  envFiles?: readonly string[] | undefined
  /** A folder whose files are copied to the workers (`--files`). */
  filesFolder?: string | undefined
  /**
   * The environment to which burst adds the variables of the environment files before it loads the scenario file. The default is the environment of
   * this process.
   */
  environment?: NodeJS.ProcessEnv
  /**
   * `true` if this process bundles only this scenario. To save memory, burst then stops esbuild's process before it starts the process that loads the
   * scenario. The default is false.
   */
  once?: boolean
}

/**
 * Bundles a scenario file and loads it once to describe it.
 * @throws BurstError (104) when the scenario, an environment file or `filesFolder` is invalid, when loading takes longer than `limitMs`, or when the
 * files exceed a limit; (107) when the code of the scenario throws or ends its process. If the `file:line` of the mistake is known, the field `at` of
 * the error contains it.
 */
export async function bundleScenario(
  file: string,
  { cwd, limitMs = 20_000, envFiles, filesFolder: named, environment = process.env, once = false }: BundleOptions,
): Promise<ScenarioBundle> {
  const found = await findScenarioFile(file, cwd)
  const compiled = await compile(found)
  if (once) await endCompiler()
  const sources = await readSources(compiled.sources, found)
  const env = await scenarioEnvironment(found, envFiles, environment)
  const filesFolder = named === undefined ? null : checkedFolder(resolve(cwd, named), named)
  const describing = { sources, limitMs, env, environment, filesFolder }
  const told = await describe(withSourceMap(compiled, found.folder), found, describing)
  const names = { description: told.description, sources, packages: compiled.packages }
  checkThresholds(names)
  const collected = await collectFiles(told.reads, { file: found, sources, filesFolder })
  const code = embedFiles(withSourceMap(compiled), { texts: told.files, collected, folder: found.folder })
  return {
    scenario: found.shown,
    code,
    hash: contentHash(code),
    description: told.description,
    env,
    warnings: [
      ...compiled.warnings,
      ...told.description.warnings.map((text) => located(text, sources)),
      ...randomWarning(told.randomStack, sources),
      ...collected.warnings,
    ],
    locate: (text, after) => locate(sources, text, after),
    checkNames: (thresholds) => checkNames(thresholds, names),
  }
}

/** Selects the run options that concern environment files and copied files. */
export function bundleOptions({ envFiles, filesFolder }: RunOptions): Pick<BundleOptions, 'envFiles' | 'filesFolder'> {
  return { envFiles, filesFolder }
}

function located(text: string, sources: readonly SourceText[]): string {
  const at = locateSubject(sources, text)
  return at === undefined ? text : `${at}: ${text}`
}

function randomWarning(stack: string | null, sources: readonly SourceText[]): string[] {
  const at = stack === null ? undefined : userFrame(stack, sources)
  return at === undefined
    ? []
    : [`${at}: this Math.random() returns a different value in each worker; use this.random in a task`]
}
