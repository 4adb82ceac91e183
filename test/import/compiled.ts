import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { tsconfig } from '../../cli/init/init-files.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Compiles the scenarios of a folder with the tsconfig.json of `burst init` and these options. Returns the messages of the compiler. */
export async function compilerMessages(folder: string, more: object = {}): Promise<string> {
  const { compilerOptions, include } = JSON.parse(tsconfig) as { compilerOptions: object; include: string[] }
  const sources = {
    allowImportingTsExtensions: true,
    customConditions: ['burst-source'],
    paths: { burst: [join(root, 'index.ts')] },
  }
  const config = { compilerOptions: { ...compilerOptions, ...sources, ...more }, include }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  // tsc prints its errors to stdout and exits with an error code.
  const args = ['--pretty', 'false', '-p', folder]
  const tsc = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), args, { cwd: folder })
  const { stdout } = await tsc.catch((error: { stdout: string }) => error)
  return stdout
}
