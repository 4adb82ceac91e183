import { globSync } from 'node:fs'
import { type SyntaxNode, forEachChild, parse } from 'unbash'
import { codeBlocks, page, root } from './code-blocks.ts'

/** A command that a page of the documentation contains. */
export interface DocumentedCommand {
  /** `docs/ui.md:5` */
  place: string
  /** The command as it is written, without comments. */
  text: string
  words: readonly string[]
}

/** The pages for people who use or change burst. The change log is not among them, because it also describes older versions. */
const pages = globSync(['*.md', 'docs/*.md', '{bench,cli,core,functions,page}/README.md'], { cwd: root }).filter(
  (name) => name !== 'CHANGELOG.md',
)

/** Returns the commands in all shell code blocks of the pages. */
export function commandsInBlocks(): DocumentedCommand[] {
  return pages.flatMap((document) =>
    codeBlocks(document, 'sh').flatMap(({ line, code }) =>
      code.split('\n').flatMap((text, k) => commandsIn(text, `${document}:${line + k}`)),
    ),
  )
}

/**
 * Returns the commands of burst in the prose of all pages. Leaves out commands with an ellipsis or a placeholder in angle brackets, because they are
 * not complete.
 */
export function commandsInProse(): DocumentedCommand[] {
  return pages.flatMap((document) =>
    page(document)
      .split('\n')
      .flatMap((line, k) => burstSpansIn(line).flatMap((text) => commandsIn(text, `${document}:${k + 1}`))),
  )
}

function burstSpansIn(line: string): string[] {
  return [...line.matchAll(/`((?:npx )?burst [a-z][^`]*)`/g)]
    .map(([, text = '']) => text.replaceAll('\\|', '|'))
    .filter((text) => !/[…<[]/.test(text))
}

/** Splits one line of a shell script into its simple commands. */
export function commandsIn(text: string, place: string): DocumentedCommand[] {
  const found: DocumentedCommand[] = []
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Command' && node.name) {
      const words = [node.name, ...node.args].flatMap(({ value }) => (typeof value === 'string' ? [value] : []))
      found.push({ place, text: text.slice(node.pos, node.end), words })
    }
    forEachChild(node, visit)
  }
  visit(parse(text))
  return found
}
