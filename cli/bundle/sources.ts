import { readFile } from 'node:fs/promises'
import { type ScenarioFile, shownPath } from './scenario-file.ts'

export interface SourceText {
  /** An absolute path. */
  path: string
  /** The path of the source in messages. */
  shown: string
  text: string
}

/** Returns the user's own source files, the scenario first. */
export async function readSources(paths: readonly string[], file: ScenarioFile): Promise<SourceText[]> {
  const ordered = [...paths].toSorted((a, b) => Number(b === file.path) - Number(a === file.path))
  return Promise.all(
    ordered.map(async (path) => ({ path, shown: shownPath(path, file.cwd), text: await readFile(path, 'utf8') })),
  )
}

/**
 * Returns the `file:line` of the first occurrence of `text` as a whole word, for messages without a stack frame. With `after`, an occurrence after
 * the string `after` is preferred.
 */
export function locate(sources: readonly SourceText[], text: string, after?: string): string | undefined {
  if (after !== undefined) return locateBehind(sources, text, after) ?? locate(sources, text)
  const pattern = new RegExp(`(?<![\\w$])${escapeRegExp(text)}(?![\\w$])`)
  for (const source of sources) {
    const found = pattern.exec(source.text)
    if (found) return `${source.shown}:${source.text.slice(0, found.index).split('\n').length}`
  }
  return undefined
}

function locateBehind(sources: readonly SourceText[], text: string, after: string): string | undefined {
  for (const { shown, text: all } of sources) {
    const begin = all.search(new RegExp(String.raw`(?<![\w$])${escapeRegExp(after)}(?![\w$])`))
    const found = begin === -1 ? -1 : all.indexOf(text, begin)
    if (found !== -1) return `${shown}:${all.slice(0, found).split('\n').length}`
  }
  return undefined
}

/**
 * Guesses the line that a message is about: the line of a string that the message quotes; otherwise of the class that the message names; otherwise of
 * the scenario's declaration.
 */
export function locateSubject(sources: readonly SourceText[], message: string): string | undefined {
  const quoted = [...message.matchAll(/'([^']+)'|"([^"]+)"/g)].map((match) => match[1] ?? match[2] ?? '')
  const words = [...message.matchAll(/[A-Za-z_$][\w$]*/g)].map((match) => `class ${match[0]}`)
  for (const candidate of [...quoted, ...words, 'export default']) {
    const at = locate(sources, candidate)
    if (at !== undefined) return at
  }
  return undefined
}

export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}
