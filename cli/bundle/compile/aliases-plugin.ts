import { dirname, resolve as absolute } from 'node:path'
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild'
import { type TsConfigResult, createPathsMatcher, getTsconfig, parseTsconfig } from 'get-tsconfig'

type Matcher = (specifier: string) => string[]

/** The key in `pluginData` with which this plugin marks its own requests to esbuild. The plugin does not handle a marked request again. */
const asked = Symbol('asked')

/** Applies `paths`, `baseUrl` and `extends` of the tsconfig.json (or jsconfig.json) that is nearest to the importing file. */
export function aliasesPlugin(): Plugin {
  return {
    name: 'aliases',
    setup(build) {
      const configs = new Configs()
      // Matches imports that may be aliases. Relative paths and absolute paths are not aliases. `burstPlugin` resolves `burst` first.
      build.onResolve({ filter: /^[^./]|^\.[^./]/, namespace: 'file' }, async (args) => resolve(build, args, configs))
      build.onEnd((result) => {
        result.warnings.push(
          ...configs.problems.map((text) => ({
            id: '',
            pluginName: 'aliases',
            text,
            location: null,
            notes: [],
            detail: null,
          })),
        )
      })
    },
  }
}

async function resolve(
  build: PluginBuild,
  args: OnResolveArgs,
  configs: Configs,
): Promise<OnResolveResult | undefined> {
  const { path, kind, importer, resolveDir, with: attributes } = args
  if (args.pluginData === asked || kind === 'entry-point' || importer.includes('/node_modules/')) return undefined
  for (const candidate of configs.matcherFor(resolveDir)(path)) {
    const found = await build.resolve(candidate, { kind, resolveDir, importer, pluginData: asked, with: attributes })
    if (found.errors.length === 0) return { path: found.path, suffix: found.suffix, sideEffects: found.sideEffects }
  }
  return undefined
}

class Configs {
  /** Problems that occurred while config files were read. */
  readonly problems: string[] = []
  readonly #matchers = new Map<string, Matcher>()
  readonly #cache = new Map()

  matcherFor(folder: string): Matcher {
    const known = this.#matchers.get(folder)
    if (known) return known
    const made = this.#read(folder)
    this.#matchers.set(folder, made)
    return made
  }

  #read(folder: string): Matcher {
    try {
      const found =
        getTsconfig(folder, 'tsconfig.json', this.#cache) ?? getTsconfig(folder, 'jsconfig.json', this.#cache)
      const matchers = found === null ? [] : this.#all(found).map((one) => createPathsMatcher(one))
      return (specifier) => matchers.flatMap((matcher) => matcher?.(specifier) ?? [])
    } catch (error) {
      const text = `the nearest tsconfig.json cannot be read, so burst does not use its paths: ${(error as Error).message}`
      if (!this.problems.includes(text)) this.problems.push(text)
      return () => []
    }
  }

  /** Returns a tsconfig file and the files that it references. Vite's project templates define `paths` in referenced files. */
  #all(found: TsConfigResult): TsConfigResult[] {
    const references = found.config.references ?? []
    const others = references.map(({ path }) => {
      const full = absolute(dirname(found.path), path.endsWith('.json') ? path : `${path}/tsconfig.json`)
      return { path: full, config: parseTsconfig(full, this.#cache) }
    })
    return [found, ...others]
  }
}
