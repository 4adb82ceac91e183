import type { SyntaxNode } from '@lezer/common'
import { type Source, childrenOf, split } from './tree.ts'

/** Reads imports: `import a.b as c` has the path `a.b` and the name `c`; `from a import b` has the path `a.b` and the name `b`. */
export function importedBy(node: SyntaxNode, source: Source): { path: string; as: string }[] {
  const text = source.text.slice(node.from, node.to)
  const words = childrenOf(node)
  const start = words.findIndex(({ name }) => name === 'import')
  const from = words[0]?.name === 'from' ? text.slice(4, (words[start]?.from ?? 0) - node.from).trim() : ''
  return split(words.slice(start + 1).filter(({ name }) => name !== '(' && name !== ')')).map((one) => {
    const as = one.findIndex(({ name }) => name === 'as')
    const path = one
      .slice(0, as === -1 ? undefined : as)
      .map((word) => source.text.slice(word.from, word.to))
      .join('')
    const last = one[as + 1]
    const own =
      as !== -1 && last ? source.text.slice(last.from, last.to) : from === '' ? (path.split('.')[0] ?? path) : path
    return { path: from === '' ? (as === -1 ? own : path) : `${from}.${path}`, as: own }
  })
}

/** Returns true if the function at this path creates a lock. */
export function isLockPath(path: string): boolean {
  return /^(?:threading|gevent\.lock|multiprocessing|asyncio)\.(?:R?Lock|(?:Bounded)?Semaphore|DummySemaphore)$/.test(
    path,
  )
}
