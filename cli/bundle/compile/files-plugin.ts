import { readFile } from 'node:fs/promises'
import { extname, relative, sep } from 'node:path'
import type { Loader, OnLoadArgs, OnLoadResult, Plugin } from 'esbuild'
import { decodeUtf8 } from '../scenario-file.ts'
import { kindOf } from './language.ts'

/**
 * The name of the variable that replaces `import.meta` in a bundled module. Its value is the result of `__burstPlace` for the module's source file.
 */
const placeName = '__burstMeta'

/** The value of esbuild's `define` option. esbuild replaces only names that the file itself does not declare. */
export const placeDefines = {
  'import.meta': placeName,
  __dirname: `${placeName}.dirname`,
  __filename: `${placeName}.filename`,
}

/** Matches calls of `.html()`. */
const readsHtml = /\.html\s*\(/
const isModule = /^\s*(?:import|export)\b/m
const knowsItsPlace = /\bimport\s*\.\s*meta\b|\b__(?:dirname|filename)\b/
const scripts: Record<string, Loader> = { '.ts': 'ts', '.tsx': 'tsx', '.js': 'js', '.jsx': 'jsx' }

/**
 * Imports a data file as text or as bytes. If a module reads its own path (for example with `import.meta.dirname`), adds the variable `__burstMeta`
 * to the module. If an ES module calls `.html()` and is not in `node_modules`, adds an import of the HTML parser to the module.
 * @param folder the folder of the scenario
 */
export function filesPlugin(folder: string): Plugin {
  return {
    name: 'files',
    setup(build) {
      build.onLoad({ filter: /./, namespace: 'file' }, async (args) => load(args, folder))
    },
  }
}

async function load(args: OnLoadArgs, folder: string): Promise<OnLoadResult | undefined> {
  const kind = askedFor(args) ?? kindOf(args.path)
  if (kind === 'code') return placed(args.path, folder)
  if (extname(args.path) === '.node') return refusal('a native module (.node) cannot be part of a scenario')
  const bytes = await readFile(args.path)
  if (kind === 'bytes') return { contents: bytes, loader: 'binary' }
  try {
    return { contents: decodeUtf8(bytes, relative(folder, args.path)), loader: 'text' }
  } catch (error) {
    return refusal((error as Error).message)
  }
}

/** Returns an error that esbuild reports with the location of the import. */
function refusal(text: string): OnLoadResult {
  return { errors: [{ text }] }
}

/**
 * Returns the type that an import names in an attribute such as `with { type: 'text' }`. As in Vite, the suffix `?raw` means 'text'. Returns
 * undefined for an import without such a type.
 */
function askedFor({ with: attributes, suffix }: OnLoadArgs): 'text' | 'bytes' | undefined {
  if (attributes['type'] === 'text' || suffix === '?raw') return 'text'
  if (attributes['type'] === 'bytes') return 'bytes'
  return undefined
}

async function placed(path: string, folder: string): Promise<OnLoadResult | undefined> {
  const loader =
    scripts[
      extname(path)
        .toLowerCase()
        .replace(/^\.[cm]/, '.')
    ]
  if (loader === undefined) return undefined
  const source = await readFile(path, 'utf8')
  const needsParser = readsHtml.test(source) && isModule.test(source) && !/[\\/]node_modules[\\/]/.test(path)
  if (!knowsItsPlace.test(source) && !needsParser) return undefined
  const place = relative(folder, path).split(sep).join('/')
  // This code is added to the first line of the source, so that line numbers do not change.
  const prefix =
    (needsParser ? "import 'burst/html-parser';" : '') +
    (knowsItsPlace.test(source) ? `const ${placeName}=globalThis.__burstPlace(${JSON.stringify(place)});` : '')
  return {
    contents: source.replace(
      /^(?:\uFEFF)?(#!.*\n)?/,
      (hashbang) => `${hashbang.replace('\uFEFF', '').replace(/^#!/, '//')}${prefix}`,
    ),
    loader,
  }
}
