import { readFile } from 'node:fs/promises'
import { dirname, extname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OnLoadResult, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild'

/**
 * The namespace of burst's own files in a bundle. In the bundle, the namespace replaces the folder of these files, so that the bundle does not depend
 * on where burst is installed.
 */
export const burstNamespace = 'burst'

const extension = extname(import.meta.url)
const entry = fileURLToPath(new URL(`../../../index${extension}`, import.meta.url))
const htmlParser = fileURLToPath(new URL(`./html-parser${extension}`, import.meta.url))
const root = dirname(entry)

/**
 * Resolves `import … from 'burst'` to the installation of burst that is running. A scenario therefore does not need its own installation of burst,
 * and cannot use a different version.
 */
export const burstPlugin: Plugin = {
  name: 'burst',
  setup(build) {
    build.onResolve({ filter: /^burst$/, namespace: 'file' }, () => named(entry))
    build.onResolve({ filter: /^burst\/html-parser$/, namespace: 'file' }, () => named(htmlParser))
    build.onResolve({ filter: /./, namespace: burstNamespace }, (args) => resolveInside(build, args))
    build.onLoad({ filter: /./, namespace: burstNamespace }, ({ pluginData }) => load(pluginData as string))
  },
}

async function resolveInside(build: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult> {
  const { kind, resolveDir } = args
  const found = await build.resolve(args.path, { kind, resolveDir, namespace: 'file' })
  if (found.errors.length > 0 || found.external) return found
  return { ...named(found.path), sideEffects: found.sideEffects }
}

function named(path: string): OnResolveResult {
  return { path: relative(root, path).split(sep).join('/'), namespace: burstNamespace, pluginData: path }
}

async function load(path: string): Promise<OnLoadResult> {
  const loader = path.endsWith('.json') ? 'json' : path.endsWith('.ts') ? 'ts' : 'js'
  return { contents: await readFile(path, 'utf8'), resolveDir: dirname(path), loader }
}
