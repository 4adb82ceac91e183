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
 * Returns the `file:line` at which `text` first occurs as a whole word. A message without a stack frame uses this position. If `after` is set,
 * prefers an occurrence after the string `after`.
 */
export function locate(sources: readonly SourceText[], text: string, after?: string): string | undefined {
  if (after !== undefined) return locateBehind(sources, text, after) ?? locate(sources, text)
  const pattern = wholeWord(text)
  for (const source of sources) {
    const found = pattern.exec(source.text)
    if (found) return `${source.shown}:${source.text.slice(0, found.index).split('\n').length}`
  }
  return undefined
}

/** Matches a string that is not part of a longer word. An empty or blank string matches only between quotes. */
function wholeWord(text: string): RegExp {
  if (text.trim() === '') return new RegExp(`(['"\`])${text}\\1`)
  return new RegExp(String.raw`(?<![\w$])${escapeRegExp(text)}(?![\w$])`)
}

function locateBehind(sources: readonly SourceText[], text: string, after: string): string | undefined {
  for (const { shown, text: all } of sources) {
    const begin = all.search(wholeWord(after))
    const found = begin === -1 ? -1 : all.slice(begin).search(wholeWord(text))
    if (found !== -1) return `${shown}:${all.slice(0, begin + found).split('\n').length}`
  }
  return undefined
}

/**
 * Guesses which source line a message is about. The first choice is the line of a string that the message quotes, preferably inside the class that
 * the message names. The second choice is the line of this class. The last choice is the line of the scenario's declaration.
 */
export function locateSubject(sources: readonly SourceText[], message: string): string | undefined {
  const quoted = [...message.matchAll(/'([^']+)'|"([^"]+)"/g)].map((match) => match[1] ?? match[2] ?? '')
  const words = [...message.matchAll(/[A-Za-z_$][\w$]*/g)].map((match) => `class ${match[0]}`)
  const named = words.find((word) => locate(sources, word) !== undefined)
  for (const candidate of [...quoted, ...words, 'export default']) {
    const at = locate(sources, candidate, quoted.includes(candidate) ? named : undefined)
    if (at !== undefined) return at
  }
  return undefined
}

export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}
