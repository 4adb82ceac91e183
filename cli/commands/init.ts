import { existsSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { BurstError, invalidInput } from '../../core/errors.ts'
import { makeFolder } from '../../functions/files/make-folder.ts'
import { diskCause, diskCode, isWrongPath } from '../../functions/files/disk.ts'
import { firstScenario, ignoredFolder, loadScript, nodeTypes, scenarioFile, tsconfig } from '../init/init-files.ts'
import { addDebugFlag } from '../flags/flags.ts'

/** `burst init`: writes a first scenario, and the files that the scenario needs, into a user's folder. */
export function addInit(program: Command): void {
  const command = program
    .command('init')
    .description('write a first scenario and the files that it needs; existing files are not overwritten')
    .argument('[folder]', 'the folder to write to; default: this folder')
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (given: string | undefined) => {
    const folder = resolve(given ?? '.')
    refuseFile(given ?? '.', folder)
    const said = await initialise(folder)
    const there = relative(process.cwd(), folder)
    process.stdout.write(`${[...said, '', ...next(there, isInstalled(folder))].join('\n')}\n`)
  })
}

/**
 * Throws if the path names a file instead of a folder. Users who know `k6 new script.js` may name a file.
 * @throws BurstError (104) when the path is a file, or does not exist and has the name of a program file
 */
function refuseFile(given: string, path: string): void {
  const isFile = existsSync(path) ? !statSync(path).isDirectory() : /\.[cm]?[jt]sx?$/i.test(path)
  if (!isFile) return
  throw invalidInput(`'${given}' is the name of a file, but burst init takes a folder`, {
    hint: `burst init without an argument writes ${scenarioFile} to this folder; the file may be renamed`,
  })
}

/**
 * Writes the missing files of a first project. Adds missing entries to an existing package.json or .gitignore. Does not change other existing files.
 * @returns a line for each file: whether it was written, extended or kept
 * @throws BurstError (104) when package.json cannot be read or parsed, or the path is wrong, (97) when .gitignore cannot be read or the disk fails
 */
export async function initialise(folder: string): Promise<string[]> {
  const manifest = await changedManifest(folder)
  try {
    await makeFolder(folder)
    return [
      await add(folder, scenarioFile, firstScenario),
      await replace(folder, 'package.json', manifest),
      await add(folder, 'tsconfig.json', tsconfig),
      await replace(folder, '.gitignore', await changedIgnores(folder)),
    ]
  } catch (cause) {
    const said = `cannot write to ${folder}: ${diskCause(cause)}`
    if (!isWrongPath(cause)) throw new BurstError('runFailed', said, { cause })
    throw invalidInput(said, { hint: 'name another folder', cause })
  }
}

/** The new content of a file (`text`; null if the content does not change), and whether the file exists already. */
type Change = { text: string | null; existed: boolean }

async function changedManifest(folder: string): Promise<Change> {
  const old = await textOf(join(folder, 'package.json'))
  if (old === undefined) {
    const fresh = {
      name: packageName(folder),
      private: true,
      type: 'module',
      scripts: { load: loadScript },
      devDependencies: { [nodeTypes.name]: nodeTypes.version },
    }
    return { text: `${JSON.stringify(fresh, null, 2)}\n`, existed: false }
  }
  const manifest = parsed(old, join(folder, 'package.json'))
  const changed = completed(manifest)
  const isComplete = JSON.stringify(changed) === JSON.stringify(manifest)
  const indent = /\n([ \t]+)"/.exec(old)?.[1] ?? '  '
  return { text: isComplete ? null : `${JSON.stringify(changed, null, indent)}\n`, existed: true }
}

/** Returns the content of package.json with the script `load` and the types of Node. Does not replace an existing script or version. */
function completed(manifest: Manifest): Manifest {
  const { scripts, dependencies = {}, devDependencies = {} } = manifest
  const withScript = { ...manifest, scripts: { ...scripts, load: scripts?.['load'] ?? loadScript } }
  if (nodeTypes.name in dependencies || nodeTypes.name in devDependencies) return withScript
  return { ...withScript, devDependencies: { ...devDependencies, [nodeTypes.name]: nodeTypes.version } }
}

interface Manifest {
  scripts?: Record<string, unknown>
  dependencies?: Record<string, unknown>
  devDependencies?: Record<string, unknown>
}

function parsed(text: string, path: string): Manifest {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (cause) {
    throw invalidInput(`${path} is not valid JSON`, { hint: 'fix the file, then run burst init again', cause })
  }
  throw invalidInput(`${path} does not contain a JSON object`, { hint: 'fix the file, then run burst init again' })
}

function packageName(folder: string): string {
  return (
    basename(folder)
      .toLowerCase()
      .replaceAll(/[^a-z\d-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'load-test'
  )
}

async function changedIgnores(folder: string): Promise<Change> {
  const old = await textOf(join(folder, '.gitignore'))
  if (old === undefined) return { text: `node_modules/\n${ignoredFolder}\n`, existed: false }
  const there = old.split('\n').some((line) => /^\/?burst-results\/?\s*$/.test(line))
  if (there) return { text: null, existed: true }
  return { text: `${old}${old === '' || old.endsWith('\n') ? '' : '\n'}${ignoredFolder}\n`, existed: true }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (diskCode(error) === 'ENOENT') return undefined
    throw invalidInput(`${path} cannot be read: ${diskCause(error)}`, { cause: error })
  }
}

async function add(folder: string, name: string, text: string): Promise<string> {
  try {
    await writeFile(join(folder, name), text, { flag: 'wx' })
    return `wrote  ${name}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return `kept   ${name}, as it was`
    throw error
  }
}

async function replace(folder: string, name: string, { text, existed }: Change): Promise<string> {
  if (text === null) return `kept   ${name}, as it was`
  if (!existed) return add(folder, name, text)
  await writeFile(join(folder, name), text)
  return `added  to ${name}: ${name === 'package.json' ? `script "load", ${nodeTypes.name}` : ignoredFolder}`
}

/** Returns true if burst is installed in the folder or in one of its parents. Another package with the name `burst` does not count. */
function isInstalled(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules/burst/dist/cli/burst.js'))) return true
    if (at === dirname(at)) return false
  }
}

function next(folder: string, installed: boolean): string[] {
  const install = installed
    ? '  npm install   installs the types of Node'
    : '  npm install --save-dev <tarball or git URL of burst>   first; on npm, another package has the name burst'
  return [
    'Next:',
    ...(folder === '' ? [] : [`  cd ${folder}`]),
    install,
    `  set 'host' in ${scenarioFile}, then`,
    `  npx burst run ${scenarioFile} --local`,
  ]
}

const examples = `
Examples:
  burst init            first.burst.ts, package.json, tsconfig.json, .gitignore here
  burst init load-test  the same in the new folder load-test`
