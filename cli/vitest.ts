import { readFile, stat } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { transform } from 'esbuild'
import { kindOf, language } from './bundle/compile/language.ts'

/** The properties of a Vite plugin that Vitest uses. */
export interface BurstPlugin {
  name: string
  enforce: 'pre'
  load(id: string): Promise<string | undefined>
  transform(code: string, id: string): Promise<{ code: string; map: string } | undefined>
}

const loaders: Record<string, 'ts' | 'js'> = { '.ts': 'ts', '.js': 'js' }
/** File types that Vite and its plugins handle themselves. */
const webAssets = new Set(['.css', '.vue', '.svelte', '.astro', '.md', '.mdx'])
const decorated = /(?:^|[{;])\s*@[\w$(]/m
const readsFiles = /\b(?:csv|json|file)\s*\(/
const importsBurst = /\bfrom\s*['"]burst['"]/

/**
 * Returns a plugin for the `plugins` of a Vitest config. Test files can then import scenarios. Decorators are compiled as in a run. `csv()`, `json()`
 * and `file()` read from the folder of the calling file. An import of a file that is not code returns the text or the bytes of the file, depending on
 * the extension. Vite itself handles the types of `webAssets`.
 */
export function burst(): BurstPlugin {
  return { name: 'burst', enforce: 'pre', load: fileModule, transform: compile }
}

async function fileModule(id: string): Promise<string | undefined> {
  // Skips ids with a query. Also skips Vite's virtual modules, whose ids begin with a NUL character.
  if (/[?\0]/.test(id) || id.includes('/node_modules/')) return undefined
  const kind = kindOf(id)
  if (kind === 'code' || webAssets.has(extname(id)) || !(await isFile(id))) return undefined
  const bytes = await readFile(id)
  return kind === 'text'
    ? `export default ${JSON.stringify(bytes.toString('utf8'))}`
    : `export default new Uint8Array(Buffer.from(${JSON.stringify(bytes.toString('base64'))}, 'base64'))`
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

async function compile(source: string, id: string): Promise<{ code: string; map: string } | undefined> {
  const file = id.replace(/\?.*/, '')
  const loader = loaders[extname(file).replace(/[cm]/, '')]
  if (!loader || file.includes('/node_modules/')) return undefined
  const needsFiles = importsBurst.test(source) && readsFiles.test(source)
  if (!needsFiles && !decorated.test(source)) return undefined
  // The code from `fileReader` is added to the first line of the source, so that line numbers do not change.
  const code = needsFiles ? fileReader(dirname(file)) + source : source
  return transform(code, { ...language, loader, format: 'esm', sourcemap: 'external', sourcefile: file })
}

/**
 * Returns code that burst adds to a module. With this code, `csv()`, `json()` and `file()` read from the module's folder. In a run, the bundle
 * contains similar code.
 */
function fileReader(folder: string): string {
  const read = `read: (path) => __burstFs.readFileSync(__burstPath.resolve(${JSON.stringify(folder)}, path), 'utf8')`
  const bytes = `bytes: (path) => __burstFs.readFileSync(__burstPath.resolve(${JSON.stringify(folder)}, path))`
  const imports = "import __burstFs from 'node:fs'; import __burstPath from 'node:path';"
  return `${imports} globalThis[Symbol.for('burst.files')] = { ${read}, ${bytes} }; `
}
