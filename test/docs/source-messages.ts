import { globSync } from 'node:fs'
import { page, root } from './code-blocks.ts'

/** All source files of the folders whose code contains messages for users. */
const files = ['core', 'functions', 'cli', 'infra'].flatMap(filesIn)

/** A string in the sources. In `text`, `…` replaces each expression of a template. */
export interface SourceText {
  file: string
  text: string
  /** The code before the string, at most 80 characters. */
  before: string
}

/** @throws Error when the folder has no sources */
function filesIn(folder: string): string[] {
  const found = globSync(`${folder}/**/*.ts`, { cwd: root }).toSorted()
  if (found.length === 0) throw new Error(`there are no sources in ${folder}/`)
  return found
}

/** Returns all strings in the sources: literals and templates. */
export function sourceTexts(): SourceText[] {
  return files.flatMap((file) => textsIn(page(file)).map((one) => ({ ...one, file })))
}

function textsIn(source: string): Omit<SourceText, 'file'>[] {
  const found: Omit<SourceText, 'file'>[] = []
  for (let at = 0; at < source.length; at++) {
    const skipped = afterComment(source, at)
    if (skipped > at) at = skipped - 1
    else if (`'"\``.includes(source[at] ?? ' ')) {
      const { text, end, inner } = textAt(source, at)
      found.push({ text, before: source.slice(Math.max(0, at - 80), at) }, ...inner)
      at = end - 1
    }
  }
  return found
}

function afterComment(source: string, at: number): number {
  if (source.startsWith('//', at)) return end(source.indexOf('\n', at), source)
  return source.startsWith('/*', at) ? end(source.indexOf('*/', at) + 2, source) : at
}

function end(found: number, source: string): number {
  return found < 0 ? source.length : found
}

/**
 * Returns the string that begins with the quote at `start`. A single or double quote that is not closed on its line is part of a regular expression.
 * For such a quote, this function returns the rest of the line.
 */
function textAt(source: string, start: number): { text: string; end: number; inner: Omit<SourceText, 'file'>[] } {
  const quote = source[start]
  const inner: Omit<SourceText, 'file'>[] = []
  let text = ''
  let at = start + 1
  const ends = quote === '`' ? ['`', undefined] : [quote, '\n', undefined]
  while (!ends.includes(source[at])) {
    if (quote === '`' && source.startsWith('${', at)) {
      const close = closingBrace(source, at + 2)
      inner.push(...textsIn(source.slice(at + 2, close)))
      text += '…'
      at = close + 1
    } else {
      if (source[at] === '\\') at++
      text += source[at]
      at++
    }
  }
  return { text, end: at + 1, inner }
}

function closingBrace(source: string, start: number): number {
  let open = 1
  let at = start
  for (; at < source.length; at++) {
    const one = source[at] ?? ''
    if (`'"\``.includes(one)) at = textAt(source, at).end - 1
    else if (one === '{') open++
    else if (one === '}' && --open === 0) break
  }
  return at
}
