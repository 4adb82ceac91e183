import { readFile } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { transform } from 'esbuild'
import { language, textEndings } from './bundle/language.ts'

/** A plugin for Vite, as far as Vitest asks for one. */
export interface BurstPlugin {
  name: string
  enforce: 'pre'
  load(id: string): Promise<string | undefined>
  transform(code: string, id: string): Promise<{ code: string; map: string } | undefined>
}

const loaders: Record<string, 'ts' | 'js'> = { '.ts': 'ts', '.js': 'js' }
const decorated = /(?:^|[{;])\s*@[\w$(]/m
const readsFiles = /\b(?:csv|json)\s*\(/
const importsBurst = /\bfrom\s*['"]burst['"]/

/**
 * For `plugins` of a Vitest config: test files can then import scenarios. Decorators are compiled as in a run, `csv()` and `json()` read
 * from the folder of the file that calls them, and an imported `.csv` or `.txt` is its text.
 */
export function burst(): BurstPlugin {
  return { name: 'burst', enforce: 'pre', load: textModule, transform: compile }
}

async function textModule(id: string): Promise<string | undefined> {
  if (!textEndings.some((ending) => extname(id) === ending)) return undefined
  return `export default ${JSON.stringify(await readFile(id, 'utf8'))}`
}

async function compile(source: string, id: string): Promise<{ code: string; map: string } | undefined> {
  const file = id.replace(/\?.*/, '')
  const loader = loaders[extname(file).replace(/[cm]/, '')]
  if (!loader || file.includes('/node_modules/')) return undefined
  const needsFiles = importsBurst.test(source) && readsFiles.test(source)
  if (!needsFiles && !decorated.test(source)) return undefined
  // On the first line of the source, so that its lines keep their numbers.
  const code = needsFiles ? fileReader(dirname(file)) + source : source
  return transform(code, { ...language, loader, format: 'esm', sourcemap: 'external', sourcefile: file })
}

/** Gives the feeds of a module the files beside it; in a run its bundle does. */
function fileReader(folder: string): string {
  const read = `read: (path) => __burstFs.readFileSync(__burstPath.resolve(${JSON.stringify(folder)}, path), 'utf8')`
  const imports = "import __burstFs from 'node:fs'; import __burstPath from 'node:path';"
  return `${imports} globalThis[Symbol.for('burst.files')] = { ${read} }; `
}
