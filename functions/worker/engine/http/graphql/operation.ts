/** Matches the tokens that show the structure of a GraphQL document. Also matches comments and strings, which are then skipped. */
const token = /#[^\n\r]*|"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n\r])*"|[{}()[\]:$@]|\.\.\.|[A-Za-z_]\w*/g

interface Operation {
  /** The name of the operation; null if it has none. */
  name: string | null
  /** The first field of the operation, or the fragment with which the operation begins; null if the document ends before the first field. */
  field: string | null
}

/** The maximum number of documents in the cache. Without a limit, code that puts values into its queries would fill the memory. */
const documentCap = 1000
const documents = new Map<string, readonly Operation[]>()

/**
 * Returns the name of the operation of a GraphQL document. For an operation without a name, returns `{ field }` with its first field.
 * @param wanted the name of the requested operation; required if the document has several operations
 * @throws TypeError when the document does not contain the wanted operation, or when `wanted` is undefined and the document does not contain exactly
 * one operation
 */
export function operationOf(document: string, wanted: string | undefined): string {
  const operations = documents.get(document) ?? learn(document)
  if (wanted !== undefined) {
    if (operations.some(({ name }) => name === wanted)) return wanted
    throw new TypeError(`the GraphQL document has no operation '${wanted.slice(0, 60)}'`)
  }
  const [only, ...others] = operations
  if (!only)
    throw new TypeError(
      "the GraphQL document has no operation: it must be a string such as 'query Cart { cart { total } }'",
    )
  if (others.length === 0) return only.name ?? `{ ${only.field ?? ''} }`
  throw new TypeError('the GraphQL document has several operations: name one with operationName')
}

function learn(document: string): readonly Operation[] {
  const operations = read(document)
  if (documents.size < documentCap) documents.set(document, operations)
  return operations
}

function read(document: string): Operation[] {
  const words = [...document.matchAll(token)].map(([text]) => text).filter((text) => !/^[#"]/.test(text))
  const operations: Operation[] = []
  for (let at = 0; at < words.length;) {
    const open = openingBrace(words, at)
    const [kind = '', name = ''] = words.slice(at, at + 2)
    if (kind === '{' || /^(?:query|mutation|subscription)$/.test(kind)) {
      operations.push({ name: /^[A-Za-z_]/.test(name) && kind !== '{' ? name : null, field: fieldAt(words, open + 1) })
    }
    at = closingBrace(words, open) + 1
  }
  return operations
}

/**
 * Returns the position of the brace that opens the fields of a definition. The variables and directives before this brace may contain other braces,
 * in parentheses.
 */
function openingBrace(words: readonly string[], from: number): number {
  let depth = 0
  for (let at = from; at < words.length; at++) {
    if (words[at] === '{' && depth === 0) return at
    if (words[at] === '(') depth++
    if (words[at] === ')') depth--
  }
  return words.length
}

function closingBrace(words: readonly string[], open: number): number {
  let depth = 0
  for (let at = open; at < words.length; at++) {
    if (words[at] === '{') depth++
    if (words[at] === '}' && --depth === 0) return at
  }
  return words.length
}

/** Returns the name of the field at a position, without its alias. Returns `...Name` for a fragment, and `...` for a fragment without a name. */
function fieldAt(words: readonly string[], at: number): string | null {
  if (words[at] === '...') {
    const [fragment = ''] = words.slice(at + 1, at + 2)
    return /^[A-Za-z_]/.test(fragment) && fragment !== 'on' ? `...${fragment}` : '...'
  }
  const name = words[at + 1] === ':' ? words[at + 2] : words[at]
  return name !== undefined && /^[A-Za-z_]/.test(name) ? name : null
}
