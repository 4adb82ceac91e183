import { existsSync, statSync } from 'node:fs'
import { open, readFile, rm, writeFile } from 'node:fs/promises'
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
 * If a file cannot be read or written, changes no file.
 * @returns a line for each file: whether it was written, extended or kept
 * @throws BurstError (104) when package.json or .gitignore cannot be read, when package.json cannot be parsed, or when the path is wrong, (97) when
 * the disk fails
 */
export async function initialise(folder: string): Promise<string[]> {
  const [manifest, ignores] = [await changedManifest(folder), await changedIgnores(folder)]
  await makeFolder(folder).catch((cause: unknown) => {
    throw unwritable(folder, cause, 'name another folder')
  })
  return written(folder, [
    { name: scenarioFile, text: firstScenario },
    manifest,
    { name: 'tsconfig.json', text: tsconfig },
    ignores,
  ])
}

/** A file, and its new content. */
interface Change {
  name: string
  /** The new content; null if the content does not change. */
  text: string | null
  /** The present content of package.json or .gitignore; undefined if this file is missing. For any other file, `old` is always undefined. */
  old?: string
}

type Undo = () => Promise<void>

/** Writes the files one after another. If a file cannot be written, undoes the changes of all files. */
async function written(folder: string, changes: readonly Change[]): Promise<string[]> {
  const lines: string[] = []
  const undo: Undo[] = []
  for (const change of changes) {
    try {
      lines.push(await applied(folder, change, undo))
    } catch (cause) {
      // burst reports `cause`, and ignores an error that occurs while it undoes the changes.
      for (const step of undo.toReversed()) await step().catch(() => undefined)
      throw problemOf(cause, folder, change)
    }
  }
  return lines
}

/** Makes a change, and adds to `undo` the step that undoes this change. @returns a line about the file */
async function applied(folder: string, { name, text, old }: Change, undo: Undo[]): Promise<string> {
  const path = join(folder, name)
  if (text === null) return `kept   ${name}, as it was`
  if (old === undefined) return (await add(path, text, undo)) ? `wrote  ${name}` : `kept   ${name}, as it was`
  undo.push(async () => writeFile(path, old))
  await writeFile(path, text)
  return `added  to ${name}: ${name === 'package.json' ? `script "load", ${nodeTypes.name}` : ignoredFolder}`
}

/** Writes a new file. @returns false if the file exists already */
async function add(path: string, text: string, undo: Undo[]): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    if (diskCode(error) === 'EEXIST') return undefined
    throw error
  })
  if (!file) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw isFolder(path)
    return false
  }
  undo.push(async () => rm(path))
  try {
    await file.writeFile(text)
  } finally {
    await file.close()
  }
  return true
}

function isFolder(path: string): BurstError {
  return invalidInput(`${path} is a folder, but burst init writes a file with this name`, {
    hint: 'rename the folder, then run burst init again',
  })
}

function problemOf(cause: unknown, folder: string, { name, old }: Change): BurstError {
  if (cause instanceof BurstError) return cause
  if (old === undefined) return unwritable(folder, cause, 'name another folder')
  return unwritable(join(folder, name), cause, 'correct the permissions of this file, then run burst init again')
}

function unwritable(path: string, cause: unknown, hint: string): BurstError {
  const said = `cannot write to ${path}: ${diskCause(cause)}`
  return isWrongPath(cause) ? invalidInput(said, { hint, cause }) : new BurstError('runFailed', said, { cause })
}

async function changedManifest(folder: string): Promise<Change> {
  const name = 'package.json'
  const old = await textOf(join(folder, name))
  if (old === undefined) {
    const fresh = {
      name: packageName(folder),
      private: true,
      type: 'module',
      scripts: { load: loadScript },
      devDependencies: { [nodeTypes.name]: nodeTypes.version },
    }
    return { name, text: `${JSON.stringify(fresh, null, 2)}\n` }
  }
  const manifest = parsed(old, join(folder, name))
  const changed = completed(manifest)
  const isComplete = JSON.stringify(changed) === JSON.stringify(manifest)
  const indent = /\n([ \t]+)"/.exec(old)?.[1] ?? '  '
  return { name, text: isComplete ? null : `${JSON.stringify(changed, null, indent)}\n`, old }
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
  const name = '.gitignore'
  const old = await textOf(join(folder, name))
  if (old === undefined) return { name, text: `node_modules/\n${ignoredFolder}\n` }
  const there = old.split('\n').some((line) => /^\/?burst-results\/?\s*$/.test(line))
  if (there) return { name, text: null, old }
  return { name, text: `${old}${old === '' || old.endsWith('\n') ? '' : '\n'}${ignoredFolder}\n`, old }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (diskCode(error) === 'ENOENT') return undefined
    throw invalidInput(`${path} cannot be read: ${diskCause(error)}`, {
      hint: 'remove the cause, then run burst init again, or name another folder',
      cause: error,
    })
  }
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
    : '  npm install --save-dev <tarball or git URL of burst>   installs burst; on npm, another package has the name burst'
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
