import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { invalidInput } from '../../core/errors.ts'
import { diskCause } from '../../functions/files/disk.ts'
import { type ScenarioFile, decodeUtf8 } from './scenario-file.ts'

/**
 * Returns the variables for the `process.env` of a scenario. They come from the files of `--env-file`; a later file overrides an earlier file.
 * Without `--env-file`, they come from the file `.env` beside the scenario. As with Node's `--env-file`, a variable of burst's own environment keeps
 * its value.
 * @throws BurstError (104) when a named file does not exist, or when a file cannot be read or is not UTF-8
 */
export async function scenarioEnvironment(
  { folder, cwd }: Pick<ScenarioFile, 'folder' | 'cwd'>,
  files: readonly string[] | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Record<string, string>> {
  const texts =
    files === undefined
      ? [(await textIfThere(join(folder, '.env'), '.env')) ?? '']
      : await Promise.all(files.map(async (file) => textOf(resolve(cwd, file), file)))
  const given = Object.assign({}, ...texts.map((text) => parseEnv(text))) as Record<string, string>
  // Inherited properties of the environment object are ignored, because a file may also set a variable such as `constructor`.
  const current = (name: string): string | undefined =>
    Object.hasOwn(environment, name) ? environment[name] : undefined
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, current(name) ?? value]))
}

const hint = '--env-file takes a file with lines like NAME=value'

async function textOf(path: string, shown: string): Promise<string> {
  const text = await textIfThere(path, shown)
  if (text === undefined) throw invalidInput(`there is no file ${shown}`, { hint })
  return text
}

async function textIfThere(path: string, shown: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    const why = cause.code === 'EISDIR' ? 'is a folder' : `cannot be read: ${diskCause(cause)}`
    throw invalidInput(`${shown} ${why}`, {
      cause,
      hint: `${shown} must be a readable file with lines like NAME=value`,
    })
  })
  return bytes && decodeUtf8(bytes, shown)
}
