import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Message } from 'esbuild'
import { type ScenarioFile, shownPath } from '../scenario-file.ts'

const endings = ['', '.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js']

/**
 * Returns the hint for an import that esbuild could not resolve. The hint suggests `npm install` only for packages that package.json names. For any
 * other name, a stranger may have published a package with this name on a public registry.
 */
export function unresolvedHint({ text, location }: Message, { folder, cwd }: ScenarioFile): string | undefined {
  const specifier = /^Could not resolve "([^"]+)"/.exec(text)?.[1]
  if (specifier === undefined || /^[./]/.test(specifier)) return undefined
  if (specifier.startsWith('#'))
    return 'define this import under "imports" in package.json or under "paths" in tsconfig.json'
  return hintFor(specifier, location ? dirname(resolve(folder, location.file)) : folder, cwd)
}

function hintFor(specifier: string, from: string, cwd: string): string {
  const beside = endings.map((ending) => join(from, specifier + ending)).find((path) => existsSync(path))
  if (beside !== undefined) return `for ${shownPath(beside, cwd)} write './${specifier}'`
  return isDeclared(packageOf(specifier), from) ? notInstalled : notDeclared
}

const notInstalled = 'package.json names this package, but it is not installed: run npm install'
const notDeclared =
  'if this is an alias, define it under "paths" in tsconfig.json; if this is a package, install it from the registry that publishes the package'

/** Returns the package name in an import specifier, for example `@scope/name` for `@scope/name/sub/path`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function isDeclared(name: string, from: string): boolean {
  for (let folder = from; ; folder = dirname(folder)) {
    if (dependenciesIn(join(folder, 'package.json')).includes(name)) return true
    if (folder === dirname(folder)) return false
  }
}

function dependenciesIn(path: string): string[] {
  if (!existsSync(path)) return []
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, object | undefined>
    return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    )
  } catch {
    // If package.json is invalid, returns no packages and no error, because npm reports the mistake.
    return []
  }
}
