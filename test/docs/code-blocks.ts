import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface CodeBlock {
  document: string
  /** The number of the line at which the code begins. The first line of the page has the number 1. */
  line: number
  code: string
}

/** Returns the text of the documentation page at this path, relative to the repository. */
export function page(document: string): string {
  return readFileSync(root + document, 'utf8')
}

/** Returns all blocks of one language in a Markdown page. */
export function codeBlocks(document: string, language: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: CodeBlock | undefined
  for (const [index, text] of page(document).split('\n').entries()) {
    if (open && text === '```') {
      blocks.push(open)
      open = undefined
    } else if (open) open.code += `${text}\n`
    else if (text === `\`\`\`${language}`) open = { document, line: index + 2, code: '' }
  }
  if (open) throw new Error(`${document}:${open.line}: the block does not end`)
  return blocks
}
