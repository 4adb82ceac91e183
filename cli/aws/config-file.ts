import { readFile, stat } from 'node:fs/promises'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import * as v from 'valibot'
import type { BurstConfig } from '../../core/config.ts'
import { invalidInput } from '../../core/errors.ts'
import { inWords } from '../../core/values-in-words.ts'
import { milliseconds } from '../../core/words.ts'
import { diskCause, diskCode } from '../../functions/files/disk.ts'
import { burstPlugin } from '../bundle/compile/burst-plugin.ts'
import { locate } from '../bundle/sources.ts'
import { allSettings } from './settings-schema.ts'

const names = ['burst.config.ts', 'burst.config.mts', 'burst.config.js', 'burst.config.mjs'] as const
/** The maximum time in milliseconds that the code of the file may take to load. The maximum for a scenario file is the same. */
const loadMs = 20_000

/**
 * Looks in a folder for the files in `names`, and returns the settings from the first file that exists. Returns an empty object if none of these
 * files exists.
 * @param limitMs the maximum time in milliseconds that the code of the file may take to load
 * @throws BurstError (104) when the file cannot be read or bundled, when its code throws or takes longer than `limitMs` to load, or when the file
 * does not export valid settings
 */
export async function readConfig(folder: string, limitMs = loadMs): Promise<BurstConfig> {
  for (const name of names) {
    const path = join(folder, name)
    const text = await textOf(path, name)
    if (text === undefined) continue
    const source = { path, shown: name, text }
    return checkedSettings(await load(folder, name, limitMs), name, (key) => locate([source], key) ?? name)
  }
  return {}
}

/**
 * Returns the text of a file; undefined if the file does not exist. burst does not ignore a file that it cannot read, because without the settings of
 * the file the command could use another region or another stack.
 * @throws BurstError (104) when the path is not a file, or the file cannot be read
 */
async function textOf(path: string, name: string): Promise<string | undefined> {
  try {
    const found = await stat(path)
    // A pipe is not opened, because the open call would wait until another process opens the pipe for writing.
    if (found.isFile()) return await readFile(path, 'utf8')
  } catch (cause) {
    if (diskCode(cause) === 'ENOENT') return undefined
    throw invalidInput(`${name} cannot be read: ${diskCause(cause)}`, { hint: unreadableHint, cause })
  }
  throw invalidInput(`${name} is not a file`, {
    hint: 'rename or remove it, because burst reads its settings from a file with this name',
  })
}

const unreadableHint = 'make the file readable, or remove it'

/** The code of the file and of its imports, and the source map of this code. */
interface Bundle {
  code: string
  map: SourceMap
}

async function load(folder: string, name: string, limitMs: number): Promise<unknown> {
  const bundle = await bundled(folder, name)
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const late = `${name} takes longer than ${milliseconds(limitMs)} to load`
  const timer = setTimeout(reject, limitMs, invalidInput(late, { at: name }))
  evaluated(bundle).then(resolve, (error: unknown) => reject(cannotLoad(error, name, bundle)))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Returns the settings that the code exports. Awaits a promise if the code exports a promise. Evaluates the getters here, because a getter may throw.
 */
async function evaluated({ code }: Bundle): Promise<unknown> {
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
  const settings = await ((await import(url)) as { default?: unknown }).default
  return isPlain(settings) ? { ...settings } : settings
}

async function bundled(folder: string, name: string): Promise<Bundle> {
  try {
    const { outputFiles } = await build({
      entryPoints: [name],
      absWorkingDir: folder,
      // esbuild makes the paths in the map relative to the folder of `outfile`. esbuild does not write this file.
      outfile: join(folder, 'bundle.mjs'),
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      plugins: [burstPlugin],
      sourcemap: 'external',
      logLevel: 'silent',
    })
    const [map, code] = ['.map', '.mjs'].map((end) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '')
    return { code: code ?? '', map: new SourceMap(JSON.parse(map ?? '') as SourceMapPayload) }
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('\n').at(-1) ?? '') : String(cause)
    throw invalidInput(`${name} cannot be loaded: ${message}`, { cause })
  }
}

function cannotLoad(cause: unknown, name: string, { map }: Bundle): Error {
  const [message, stack = ''] = cause instanceof Error ? [cause.message, cause.stack] : [String(cause)]
  // Node does not apply source maps to modules with a data URL.
  const [, line, column] = /data:text\/javascript;base64,[^:]*:(\d+):(\d+)/.exec(stack) ?? []
  const entry = map.findEntry(Number(line) - 1, Number(column) - 1)
  const at = line !== undefined && 'originalLine' in entry ? `${entry.originalSource}:${entry.originalLine + 1}` : name
  return invalidInput(`${name} cannot be loaded: ${message}`, { cause, at })
}

/**
 * Checks each setting.
 * @param name the name of the source of the settings, for error messages
 * @param placeOf returns the place of a setting in the source
 * @throws BurstError (104) that names the invalid setting
 */
export function checkedSettings(
  config: unknown,
  name: string,
  placeOf: (key: string) => string | undefined = () => undefined,
): BurstConfig {
  if (!isPlain(config)) {
    const what = config === undefined ? 'no settings' : `${inWords(config)} instead of an object with settings`
    throw invalidInput(`${name} exports ${what}`, {
      hint: "write: export default defineConfig({ allow: ['shop.example.com'] })",
    })
  }
  for (const [key, value] of Object.entries(config)) checkSetting({ key, value }, name, placeOf(key))
  return config
}

function checkSetting({ key, value }: { key: string; value: unknown }, name: string, at: string | undefined): void {
  const place = at === undefined ? {} : { at }
  const setting = Object.hasOwn(allSettings, key) ? allSettings[key] : undefined
  if (!setting)
    throw invalidInput(`${name} has a setting '${key}', which burst does not know`, { hint: known, ...place })
  if (value === undefined || v.is(setting.schema, value)) return
  throw invalidInput(`${name}: ${key} is ${inWords(value)}`, { hint: `give ${setting.wanted}`, ...place })
}

/** Returns whether a value is an object whose own properties can be settings. Returns false for a promise, a list and a `Map`. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const known = `the settings are ${Object.keys(allSettings).join(', ')}`
