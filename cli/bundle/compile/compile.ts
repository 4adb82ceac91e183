import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildFailure, type BuildOptions, type BuildResult, type Message, build, stop } from 'esbuild'
import { invalidInput } from '../../../core/errors.ts'
import { aliasesPlugin } from './aliases-plugin.ts'
import { burstNamespace, burstPlugin } from './burst-plugin.ts'
import { filesPlugin, placeDefines } from './files-plugin.ts'
import { kindOf, language } from './language.ts'
import { unresolvedHint } from './unresolved.ts'
import { type ScenarioFile, shownPath } from '../scenario-file.ts'

/** A scenario with all its imports as one ES module, with a separate source map. */
export interface Compiled {
  code: string
  map: SourceMap
  /** Absolute paths of the user's own source files. */
  sources: string[]
  /** Absolute paths of the files of packages. */
  packages: string[]
  warnings: string[]
}

interface SourceMap {
  /** Paths relative to the scenario's folder; paths of burst's own sources begin with `burst:`. */
  sources: string[]
}

/**
 * Bundles with esbuild. The result depends on the content of the files and not on their folder.
 * @throws BurstError (104) with the first syntax or import error
 */
export async function compile(file: ScenarioFile): Promise<Compiled> {
  const result = await build(options(file)).catch((failure: unknown) => {
    throw asInputError(failure, file)
  })
  const texts = result.outputFiles ?? []
  const map = JSON.parse(textOf(texts, '.map')) as SourceMap
  return {
    code: textOf(texts, '.mjs'),
    map,
    sources: inputs(result, file, (input) => !isOfPackage(input)),
    packages: inputs(result, file, isOfPackage),
    warnings: result.warnings.map((warning) => [whereIs(warning, file), warning.text].filter(Boolean).join(': ')),
  }
}

/** Stops esbuild's process, which would otherwise run until this process exits. Do not call this function during a compilation. */
export async function endCompiler(): Promise<void> {
  await stop()
}

/** Returns the code with an inline source map. If `folder` is set, stack traces contain absolute paths. */
export function withSourceMap({ code, map }: Pick<Compiled, 'code' | 'map'>, folder?: string): string {
  const sources =
    folder === undefined
      ? map.sources
      : map.sources.map((source) => (isBursts(source) ? source : pathToFileURL(resolve(folder, source)).href))
  const json = Buffer.from(JSON.stringify({ ...map, sources })).toString('base64')
  return `${code}//# sourceMappingURL=data:application/json;base64,${json}\n`
}

function options(file: ScenarioFile): BuildOptions {
  return {
    entryPoints: [basename(file.path)],
    absWorkingDir: file.folder,
    outfile: join(file.folder, 'scenario.mjs'),
    write: false,
    bundle: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    ...language,
    // `legalComments` is 'none', because legal comments contain paths. The source map is a separate output, so that burst can append it to the code.
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    // Makes `require` available to CommonJS packages inside an ES module.
    banner: {
      js: "import { createRequire as __burstCreateRequire } from 'node:module'; const require = __burstCreateRequire(import.meta.url);",
    },
    define: placeDefines,
    plugins: [burstPlugin, aliasesPlugin(), filesPlugin(file.folder)],
    logLevel: 'silent',
  }
}

function textOf(files: readonly { path: string; text: string }[], ending: string): string {
  return files.find((one) => one.path.endsWith(ending))?.text ?? ''
}

function isBursts(source: string): boolean {
  return source.startsWith(`${burstNamespace}:`)
}

function inputs(result: BuildResult, file: ScenarioFile, wanted: (input: string) => boolean): string[] {
  return Object.keys(result.metafile?.inputs ?? {})
    .filter((input) => !isBursts(input) && isSource(input) && wanted(input))
    .map((input) => resolve(file.folder, input))
}

function isOfPackage(input: string): boolean {
  return input.split('/').includes('node_modules')
}

/** Returns true if an input is source code or JSON. Returns false for any other data file and for a module that esbuild generates. */
function isSource(input: string): boolean {
  return !input.startsWith('<') && kindOf(input) === 'code' && !/\?raw$| with \{/.test(input)
}

function asInputError(failure: unknown, file: ScenarioFile): unknown {
  const messages = (failure as BuildFailure).errors
  const first = messages?.[0]
  if (!first) return failure
  const others = messages.length > 1 ? ` (and ${messages.length - 1} more)` : ''
  const at = whereIs(first, file)
  const hint = unresolvedHint(first, file)
  return invalidInput(`${first.text.replace(/:$/, '')}${others}`, { ...(at && { at }), ...(hint && { hint }) })
}

function whereIs({ location: own, notes }: Message, file: ScenarioFile): string | undefined {
  // A message from a plugin may lack a location. One of the message's notes then has the location of the import.
  const location = own ?? notes.find((note) => note.location)?.location
  if (!location) return undefined
  return `${shownPath(resolve(file.folder, location.file), file.cwd)}:${location.line}:${location.column + 1}`
}
