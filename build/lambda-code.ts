import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The folder names of the bundled functions. */
export const lambdaNames = ['coordinator', 'hooks', 'worker', 'merge', 'finalise'] as const
export type LambdaName = (typeof lambdaNames)[number]

/** The built code of the functions. */
export interface LambdaCode {
  /** The folder that contains one folder for each function. */
  folder: string
  version: string
  /** The identity of the build. The functions refuse a run that another build planned. */
  build: string
}

/** The folder to which the build writes the bundled functions. A deployment copies them from here and therefore does not need a bundler. */
const builtFolder = join(dirname(createRequire(import.meta.url).resolve('burst/package.json')), 'dist', 'lambda')

/**
 * Finds the functions' built code.
 * @throws Error when the functions are not built
 */
export function lambdaCode(folder = builtFolder): LambdaCode {
  const note = join(folder, 'build.json')
  if (!existsSync(note)) throw new Error(`the functions are not built (there is no ${note}): run npm run build`)
  return { folder, ...(JSON.parse(readFileSync(note, 'utf8')) as { version: string; build: string }) }
}
