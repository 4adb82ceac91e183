import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from './package-root.ts'

/** The folder that contains the running code: the root of the sources, or `dist`. */
const root = fileURLToPath(new URL('..', import.meta.url))

let known: Promise<string> | undefined

/**
 * Returns the id of the running code, e.g. `0.1.0+3f9a0c2b41de`: the version and a hash of the folders `core` and `functions`. A stage
 * refuses a run that another build planned. Built code, in `dist` and in the functions' bundles, has the same id as its sources.
 */
export function buildIdentity(): Promise<string> {
  known ??= identify()
  return known
}

/** burst's version, from its package.json. */
export function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version
}

async function identify(): Promise<string> {
  const built = join(root, 'lambda', 'build.json')
  if (existsSync(built)) return (JSON.parse(await readFile(built, 'utf8')) as { build: string }).build
  const files = (await Promise.all(['core', 'functions'].map(codeFiles))).flat()
  const contents = await Promise.all(files.map((file) => readFile(join(root, file))))
  const hash = createHash('sha256')
  files.forEach((file, index) => hash.update(`${file}\0`).update(contents[index] as Buffer))
  return `${version()}+${hash.digest('hex').slice(0, 12)}`
}

async function codeFiles(folder: string): Promise<string[]> {
  const files = await readdir(join(root, folder), { recursive: true })
  return files
    .filter((file) => /\.(?:ts|m?js)$/.test(file) && !file.endsWith('.d.ts'))
    .map((file) => join(folder, file).split(sep).join('/'))
    .toSorted()
}
