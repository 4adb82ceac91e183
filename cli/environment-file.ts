import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { invalidInput } from '../core/errors.ts'
import { type ScenarioFile, decodeUtf8 } from './bundle/scenario-file.ts'

/**
 * What `process.env` of a scenario gets: the variables of `--env-file`, a later file over an earlier one, or else those of `.env` beside the
 * scenario. A variable that is set where burst was started has that value, as with Node's own `--env-file`.
 * @throws BurstError (104) when a file that was named cannot be read
 */
export async function environmentOf(
  { folder, cwd }: Pick<ScenarioFile, 'folder' | 'cwd'>,
  files: readonly string[] | undefined,
): Promise<Record<string, string>> {
  const texts =
    files === undefined
      ? [await textOf(join(folder, '.env'), '.env').catch(() => '')]
      : await Promise.all(files.map(async (file) => textOf(resolve(cwd, file), file)))
  const given = Object.assign({}, ...texts.map((text) => parseEnv(text))) as Record<string, string>
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, process.env[name] ?? value]))
}

async function textOf(path: string, shown: string): Promise<string> {
  try {
    return decodeUtf8(await readFile(path), shown)
  } catch (cause) {
    if ((cause as Error).name === 'BurstError') throw cause
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw invalidInput(missing ? `there is no file ${shown}` : `${shown} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: '--env-file takes a file with lines like NAME=value',
    })
  }
}
