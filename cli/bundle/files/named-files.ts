import { dirname, join, resolve } from 'node:path'
import type { SourceText } from '../sources.ts'
import { statIfThere } from './stat-if-there.ts'

/** A file or folder whose path occurs in a source, and the position of the path. */
export interface NamedFile {
  path: string
  folder: boolean
  /** `true` if the path is relative to the working folder; false if the path is relative to the source file. */
  relative: boolean
  /** `file:line`. */
  at: string
}

const readsFiles = /['"](?:node:)?fs(?:\/promises)?['"]|\bimport\s*\.\s*meta\b|\b__dirname\b|\bfile\s*\(\s*['"`]/
/** Matches a string literal. In a template literal, matches the text before, between or after the expressions. */
const literal = /'([^'\n\\]{1,300})'|"([^"\n\\]{1,300})"|[`}]([^`{}$\n\\]{1,300})(?=`|\$\{)/g
/** Matches code before a literal if the code resolves the literal relative to the folder of the source file. */
const fromItsPlace = /(?:new\s+URL\(\s*|(?:import\.meta\.dirname|__dirname)\s*[,+}]\s*)$/

/**
 * Returns the existing files whose paths occur in the sources, including files that users read during the run. Searches only sources that contain
 * `fs` in quotes, `import.meta`, `__dirname` or a call of `file()`. Returns a folder only if the code around the path resolves the path relative to
 * the folder of the source file.
 */
export function namedFiles(sources: readonly SourceText[], cwd: string): NamedFile[] {
  return sources.filter(({ text }) => readsFiles.test(text)).flatMap((source) => filesIn(source, cwd))
}

function filesIn(source: SourceText, cwd: string): NamedFile[] {
  return [...source.text.matchAll(literal)].flatMap((match) => {
    const path = match[1] ?? match[2] ?? match[3] ?? ''
    const quoted = match[3] === undefined ? 0 : 1
    const before = source.text.slice(Math.max(0, match.index - 60), match.index + quoted)
    const at = `${source.shown}:${source.text.slice(0, match.index).split('\n').length}`
    const paths = [path, joined(source.text, match.index)].filter((one) => one !== undefined)
    return paths.flatMap((one) =>
      existing(one, { from: dirname(source.path), cwd, at, placed: fromItsPlace.test(before) }),
    )
  })
}

/**
 * Joins a list of string literals, such as the arguments `'data', 'img.png'` of `path.join`, into one path. Returns undefined if there is no such
 * list.
 */
function joined(text: string, index: number): string | undefined {
  const run = /^(?:'[^'\n]*'|"[^"\n]*")(?:\s*,\s*(?:'[^'\n]*'|"[^"\n]*"))+/.exec(text.slice(index, index + 300))?.[0]
  if (run === undefined) return undefined
  return join(...[...run.matchAll(/'([^']*)'|"([^"]*)"/g)].map((piece) => piece[1] ?? piece[2] ?? ''))
}

interface Lookup {
  from: string
  cwd: string
  at: string
  placed: boolean
}

function existing(path: string, { from, cwd, at, placed }: Lookup): NamedFile[] {
  const beside = found(join(from, path))
  if (beside === 'file' || (beside === 'folder' && placed && !isEverything(path))) {
    return [{ path: join(from, path), folder: beside === 'folder', relative: false, at }]
  }
  if (path.startsWith('/') || beside !== undefined || found(resolve(cwd, path)) !== 'file') return []
  return [{ path: resolve(cwd, path), folder: false, relative: true, at }]
}

/** Returns true for a path without a name, such as `.` and `..`. */
function isEverything(path: string): boolean {
  return /^[./\\]*$/.test(path)
}

function found(path: string): 'file' | 'folder' | undefined {
  if (path.includes('\0') || path.length > 1000) return undefined
  const stat = statIfThere(path)
  if (stat?.isFile()) return 'file'
  return stat?.isDirectory() ? 'folder' : undefined
}
