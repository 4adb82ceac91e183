import { statSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { type Comment, type Program, parse } from 'acorn'
import { type Plugin, build } from 'esbuild'
import { invalidInput } from '../../core/errors.ts'
import { type Node, childrenOf } from './syntax.ts'

const mostBytes = 2 * 1024 * 1024
const mostLevels = 400
const mostBrackets = 1000

/** A parsed script that has not been translated yet. */
export interface Script {
  file: string
  program: Program
  /** The comments of the script; empty if esbuild had to transform the script first. */
  comments: readonly Comment[]
  /** `shop.js:12` */
  place(position: number): string
  /** Returns the line of the source that contains a position. */
  line(position: number): string
  /** Returns the number of line breaks between two positions. */
  linesBetween(from: number, to: number): number
}

/**
 * Reads a k6 script. Uses esbuild for TypeScript and for modules beside the script.
 * @throws BurstError (104) when the script is too large, nested too deeply, or not JavaScript or TypeScript
 */
export async function readScript(file: string, text: string, folder: string): Promise<Script> {
  if (text.length > mostBytes) throw invalidInput(`${file} is larger than 2 MiB`)
  refuseBrackets(file, text)
  const comments: Comment[] = []
  const plain = parsed(file, text, comments)
  const script = plain ? plainScript(file, text, { program: plain, comments }) : null
  const whole = script && !hasLocalImports(script.program) ? script : await transformed(file, text, folder)
  refuseDepth(whole)
  return whole
}

function refuseBrackets(file: string, text: string): void {
  let depth = 0
  for (const one of text) {
    if ('([{'.includes(one)) depth++
    else if (')]}'.includes(one)) depth = Math.max(0, depth - 1)
    if (depth > mostBrackets) throw tooDeep(file)
  }
}

function tooDeep(at: string): Error {
  return invalidInput(`this is nested more than ${mostLevels} levels deep`, { at })
}

/** Parses the script. Returns null if the text is not JavaScript. */
function parsed(file: string, text: string, comments: Comment[]): Program | null {
  try {
    return parse(text, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true, onComment: comments })
  } catch (cause) {
    if (cause instanceof RangeError || /stack space/.test((cause as Error).message)) throw tooDeep(file)
    // Returns null if the text is not JavaScript, so that the caller tries TypeScript.
    return null
  }
}

function refuseDepth(script: Script): void {
  let level: Node[] = [script.program]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > mostLevels) throw tooDeep(script.place(level[0]?.start ?? 0))
    level = level.flatMap(childrenOf)
  }
}

function hasLocalImports(program: Program): boolean {
  return program.body.some(
    (node) =>
      (node.type === 'ImportDeclaration' || node.type === 'ExportNamedDeclaration') &&
      typeof node.source?.value === 'string' &&
      node.source.value.startsWith('.'),
  )
}

function plainScript(file: string, text: string, { program, comments }: Pick<Script, 'program' | 'comments'>): Script {
  const starts = startsOf(text)
  return {
    file,
    program,
    comments,
    place: (position) => `${file}:${lineAt(starts, position) + 1}`,
    line: (position) => lineText(text, starts, lineAt(starts, position)),
    linesBetween: (from, to) => lineAt(starts, to) - lineAt(starts, from),
  }
}

function startsOf(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Returns the index of the line that contains a position. */
function lineAt(starts: readonly number[], position: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= position) low = middle
    else high = middle - 1
  }
  return low
}

function lineText(text: string, starts: readonly number[], index: number): string {
  return text.slice(starts[index], starts[index + 1] ?? text.length).trim()
}

/** Bundles the script with the modules beside it, and maps positions to the original files. */
async function transformed(file: string, text: string, folder: string): Promise<Script> {
  const { code, map } = await bundled(file, text, folder)
  if (code.length > 2 * mostBytes) throw invalidInput(`${file} and its modules are larger than 4 MiB`)
  const program = parsed(file, code, [])
  if (!program) throw invalidInput(`${file} is not a script that burst can read`, { at: `${file}:1` })
  const generated = plainScript(file, code, { program, comments: [] })
  const starts = startsOf(code)
  const sources = new Map<string, string[]>()
  map.sources.forEach((name, index) => sources.set(name, (map.sourcesContent[index] ?? '').split('\n')))
  const maps = new SourceMap(map)
  const origin = (position: number): { name: string; line: number } | null => {
    const line = lineAt(starts, position)
    const found = maps.findEntry(line, position - (starts[line] ?? 0))
    return 'originalSource' in found ? { name: found.originalSource, line: found.originalLine } : null
  }
  return {
    ...generated,
    place: (position) => {
      const found = origin(position)
      return found ? `${relativeName(found.name, file)}:${found.line + 1}` : file
    },
    line: (position) => {
      const found = origin(position)
      return (found && sources.get(found.name)?.[found.line]?.trim()) ?? generated.line(position)
    },
    linesBetween: (from, to) => (origin(to)?.line ?? 0) - (origin(from)?.line ?? 0),
  }
}

function relativeName(name: string, file: string): string {
  return name.endsWith(file) ? file : name.replace(/^.*:/, '')
}

async function bundled(file: string, text: string, folder: string): Promise<{ code: string; map: SourceMapPayload }> {
  const result = await build({
    stdin: { contents: text, sourcefile: file, resolveDir: folder, loader: 'ts' },
    absWorkingDir: folder,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'esnext',
    charset: 'utf8',
    sourcemap: 'external',
    outfile: join(folder, 'script.js'),
    logLevel: 'silent',
    tsconfigRaw: {},
    plugins: [besides(folder)],
  }).catch((cause: unknown) => {
    throw unreadable(file, cause)
  })
  const [map, code] = result.outputFiles.toSorted((a) => (a.path.endsWith('.map') ? -1 : 1))
  return { code: code?.text ?? '', map: JSON.parse(map?.text ?? '{}') as SourceMapPayload }
}

/** Reads only modules below the folder of the script or below the current folder. Other modules remain imports. */
function besides(folder: string): Plugin {
  const within = (path: string): boolean =>
    [folder, process.cwd()].some((root) => {
      const inside = relative(root, path)
      return !inside.startsWith('..') && !isAbsolute(inside)
    })
  return {
    name: 'besides',
    setup(made) {
      made.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        if (kind === 'entry-point') return undefined
        if (!path.startsWith('.')) return { path, external: true }
        const from = importer === '' || importer === file(importer) ? folder : dirname(importer)
        const found = ['', '.js', '.ts', '/index.js', '/index.ts'].map((end) => join(from, path + end)).find(isModule)
        return found !== undefined && within(found) ? { path: found } : { path, external: true }
      })
    },
  }
}

/**
 * esbuild reports the path of the script itself without a folder, and the path of any other module as an absolute path. Returns `importer` if this
 * path belongs to the script itself, and an empty string for any other module.
 */
function file(importer: string): string {
  return isAbsolute(importer) ? '' : importer
}

function isModule(path: string): boolean {
  try {
    const facts = statSync(path, { throwIfNoEntry: false })
    return facts !== undefined && facts.isFile() && facts.size <= mostBytes
  } catch {
    // Returns false for a path that cannot be reached, for example a link that leads to itself.
    return false
  }
}

function unreadable(script: string, cause: unknown): Error {
  const [first] =
    (cause as { errors?: { text: string; location: { line: number; file: string } | null }[] }).errors ?? []
  const message = first?.text ?? 'esbuild could not read the script'
  const at = first?.location ? `${first.location.file}:${first.location.line}` : `${script}:1`
  return invalidInput(`this is not JavaScript or TypeScript: ${message.slice(0, 160)}`, { at, cause })
}

/**
 * Returns the lines of the comments between two positions, without comment markers. Leaves out empty lines, TODO comments and directives of tools
 * such as eslint.
 */
export function commentsIn({ comments }: Script, from: number, to: number): string[] {
  return comments
    .filter(({ start, end }) => start >= from && end <= to)
    .flatMap(({ value }) => value.split('\n'))
    .map((line) => line.replace(/^\s*[*/!]*\s?/, '').trimEnd())
    .filter((line) => line !== '' && !/^(?:eslint|@ts-|prettier|<reference|global\b|jshint|TODO )/.test(line.trim()))
}
