import type { SyntaxNode } from '@lezer/common'
import { parser } from '@lezer/python'
import { invalidInput } from '../../../core/errors.ts'

const mostDepth = 400

/** A Python file that is being parsed. */
export interface Source {
  file: string
  text: string
  /** The offset at which each line begins. */
  starts: readonly number[]
}

/**
 * Returns the syntax tree of a Python file.
 * @throws BurstError (104) with the line, when the file is not Python 3, or is nested more than 400 levels deep
 */
export function treeOf(file: string, text: string): { source: Source; script: SyntaxNode } {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const source = { file, text, starts }
  const tree = parser.parse(text)
  refuseBroken(source, tree.cursor())
  return { source, script: tree.topNode }
}

function refuseBroken(
  source: Source,
  cursor: {
    name: string
    from: number
    type: { isError: boolean }
    firstChild(): boolean
    nextSibling(): boolean
    parent(): boolean
  },
): void {
  let depth = 0
  let isYield = false
  for (;;) {
    if (cursor.type.isError && !isYield) throw notPython(source, cursor.from)
    // The parser reports an error after a `yield` without a value. Python allows such a `yield`, so this error is ignored.
    isYield = cursor.name === 'yield'
    if (cursor.name === 'PrintStatement') {
      throw invalidInput('this is Python 2', {
        at: place(source, cursor.from),
        hint: 'convert it to Python 3 first, with 2to3 for example',
      })
    }
    if (depth > mostDepth) throw tooDeep(source, cursor.from)
    if (cursor.firstChild()) depth++
    else {
      const ups = climb(cursor)
      if (ups === null) return
      depth -= ups
    }
  }
}

/** Moves to the next node that is not inside the current node. Returns the number of levels between the two nodes, or null at the end of the tree. */
function climb(cursor: { nextSibling(): boolean; parent(): boolean }): number | null {
  for (let ups = 0; ; ups++) {
    if (cursor.nextSibling()) return ups
    if (!cursor.parent()) return null
  }
}

function notPython(source: Source, from: number): Error {
  return invalidInput('this is not Python that burst can read', {
    at: place(source, from),
    hint: 'see whether Python 3 accepts the line: python3 -m py_compile FILE',
  })
}

function tooDeep(source: Source, from: number): Error {
  return invalidInput(`this is nested more than ${mostDepth} levels deep`, {
    at: place(source, from),
    hint: 'simplify the expression',
  })
}

/** Returns the `file:line` of an offset. */
function place(source: Source, offset: number): string {
  return `${source.file}:${lineAt(source, offset)}`
}

/** Returns the line number of an offset. The first line has the number 1. */
export function lineAt({ starts }: Source, offset: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low + 1
}

/** Returns the children of a node, without comments unless the caller requests them. */
export function childrenOf(node: SyntaxNode, withComments = false): SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (withComments || child.name !== 'Comment') found.push(child)
  return found
}

/** Returns the items between the separators `by`, without empty items. */
export function split(nodes: readonly SyntaxNode[], by = ','): SyntaxNode[][] {
  const lists: SyntaxNode[][] = [[]]
  for (const node of nodes) {
    if (node.name === by) lists.push([])
    else lists.at(-1)?.push(node)
  }
  return lists.filter((list) => list.length > 0)
}
