import type { Expr, Pattern, Stmt } from './code.ts'

/** Calls `visit` with each expression and statement in a piece of code, outer nodes first. */
export function walk(code: unknown, visit: (node: Expr | Stmt) => void): void {
  const left: unknown[] = [code]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one !== 'object' || one === null) continue
    if ('k' in one) visit(one as Expr | Stmt)
    left.push(...Object.values(one).toReversed())
  }
}

/** Returns true if `holds` is true for any expression or statement in a piece of code, including nested functions. */
export function some(code: unknown, holds: (node: Expr | Stmt) => boolean): boolean {
  let found = false
  walk(code, (node) => (found ||= holds(node)))
  return found
}

/** Returns true if a piece of code contains an `await` or a `for await`. Ignores nested functions. */
export function awaits(code: unknown): boolean {
  if (typeof code !== 'object' || code === null) return false
  if ('k' in code && code.k === 'await') return true
  if ('k' in code && code.k === 'for' && 'isAwaited' in code && code.isAwaited === true) return true
  if ('k' in code && (code.k === 'arrow' || code.k === 'function')) return false
  return Object.values(code).some(awaits)
}

/** Returns the names that a piece of code reads or calls. */
export function namesIn(code: unknown): Set<string> {
  const names = new Set<string>()
  walk(code, (node) => {
    if (node.k === 'id') names.add(node.name)
  })
  return names
}

/** Returns all words that the type annotations of a piece of code contain. */
export function typesIn(code: unknown): Set<string> {
  const words = new Set<string>()
  const left: unknown[] = [code]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one !== 'object' || one === null) continue
    for (const [key, value] of Object.entries(one)) {
      if ((key === 'type' || key === 'returns') && typeof value === 'string') addWords(value, words)
      else left.push(value)
    }
  }
  return words
}

function addWords(type: string, words: Set<string>): void {
  for (const word of type.match(/\w+/g) ?? []) words.add(word)
}

/** Returns the names that a pattern declares. The name of a rest element begins with three dots. */
export function namesOf(pattern: string | Pattern): string[] {
  if (typeof pattern === 'string') return [pattern]
  if ('object' in pattern) return pattern.object.flatMap(([, target]) => namesOf(target))
  return pattern.array.flatMap((one) => (one === null ? [] : namesOf(one)))
}

/** Returns a copy of a piece of code in which variables are renamed. */
export function withNames<T>(piece: T, names: ReadonlyMap<string, string>): T {
  if (typeof piece !== 'object' || piece === null) return piece
  if (Array.isArray(piece)) return piece.map((one: unknown) => withNames(one, names)) as T
  const isNamed = 'name' in piece && typeof piece.name === 'string' && isVariable(piece)
  const entries = Object.entries(piece).map(([key, one]: [string, unknown]): [string, unknown] => {
    if (isNamed && key === 'name') return [key, names.get(one as string) ?? one]
    if ((key === 'array' || key === 'object') && Array.isArray(one)) return [key, renamedPattern(one, names)]
    return [key, withNames(one, names)]
  })
  return Object.fromEntries(entries) as T
}

/** Returns true for an identifier, a declaration, a loop variable and a parameter. Returns false for a header, which also has a name. */
function isVariable(piece: object): boolean {
  if ('k' in piece) return ['id', 'var', 'for'].includes(String(piece.k))
  return !('value' in piece && Array.isArray(piece.value))
}

function renamedPattern(items: readonly unknown[], names: ReadonlyMap<string, string>): unknown[] {
  const renamed = (one: unknown): unknown => (typeof one === 'string' ? (names.get(one) ?? one) : withNames(one, names))
  return items.map((one) => {
    if (!Array.isArray(one)) return renamed(one)
    const [key, ...rest] = one as unknown[]
    return [key, ...rest.map(renamed)]
  })
}
