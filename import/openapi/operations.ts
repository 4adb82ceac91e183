import { invalidInput } from '../../core/errors.ts'
import { type Json, at, listAt, textAt } from '../requests/bodies/json.ts'
import { type Reading, type Spec, entriesAt, follow } from './spec.ts'

const mostOperations = 5000

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace', 'query']

/** An operation of the document. */
export interface Operation {
  /** The HTTP method in capitals. */
  method: string
  path: string
  /** The first tag; empty if the operation has no tags. */
  tag: string
  /** The operationId; empty if the operation does not have one. */
  id: string
  operation: Json
  /** The entry of `paths`. The operation inherits the parameters and the servers of this entry. */
  item: Json
  reading: Reading
}

/**
 * Returns the operations in the order of the document.
 * @param only tags, operationIds and paths, with `*` as in `globOf`; empty for all operations
 * @throws BurstError (104) when there is no operation, when an item of `only` matches no operation, or when more than 5000 operations match
 */
export function operationsOf(spec: Spec, only: readonly string[]): Operation[] {
  const all = entriesAt(spec.root, 'paths').flatMap(([path, raw]) => ofPath(spec, path, raw))
  if (all.length === 0) throw invalidInput(`${spec.file} has no operation below paths`, { at: `${spec.file}:1` })
  const patterns = only.map((text) => ({ text, pattern: globOf(text) }))
  const wanted =
    patterns.length === 0 ? all : all.filter((one) => patterns.some(({ pattern }) => isNamed(one, pattern)))
  const unknown = patterns.find(({ pattern }) => !all.some((one) => isNamed(one, pattern)))
  if (unknown)
    throw invalidInput(`${spec.file} has no tag, operationId or path ${unknown.text.slice(0, 80)}`, {
      hint: `it has ${namesIn(all)}`,
    })
  if (wanted.length > mostOperations)
    throw invalidInput(`${spec.file} has more than ${mostOperations} operations`, {
      hint: "import a part of it: --only 'a tag, an operationId or a path such as /users/*'",
    })
  return wanted
}

function ofPath(spec: Spec, path: string, raw: Json): Operation[] {
  if (!path.startsWith('/')) return []
  const reading: Reading = { spec, place: `${spec.file}: ${path.slice(0, 80)}`, comments: [] }
  const { value: item } = follow(reading, raw)
  const named = methods.map((method) => [method, at(item, method)] as const)
  const additional = entriesAt(item, 'additionalOperations').filter(([method]) =>
    /^[A-Za-z][A-Za-z-]{0,29}$/.test(method),
  )
  return [...named, ...additional].flatMap(([name, operation]): Operation[] => {
    if (typeof operation !== 'object' || operation === null) return []
    spec.spend(1)
    const method = name.toUpperCase()
    const [first] = listAt(operation, 'tags')
    return [
      {
        method,
        path,
        tag: typeof first === 'string' ? first : '',
        id: textAt(operation, 'operationId'),
        operation,
        item,
        reading: { spec, place: `${spec.file}: ${method} ${path.slice(0, 80)}`, comments: [...reading.comments] },
      },
    ]
  })
}

function isNamed({ operation, id, path, method }: Operation, pattern: RegExp): boolean {
  const tags = listAt(operation, 'tags').filter((tag) => typeof tag === 'string')
  return [...tags, id, path, `${method} ${path}`].some((name) => name !== '' && pattern.test(name))
}

/**
 * Returns the regular expression for a string in which `*` matches any text. In a path, `*` matches only a single segment, and `**` matches any text.
 */
function globOf(text: string): RegExp {
  const isPath = text.includes('/')
  const pieces = text.split(/(\*+)/).map((piece) => {
    if (!piece.startsWith('*')) return piece.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    return isPath && piece.length === 1 ? '[^/]*' : '.*'
  })
  return new RegExp(`^${pieces.join('')}$`, 'is')
}

function namesIn(all: readonly Operation[]): string {
  const tags = [...new Set(all.map(({ tag }) => tag).filter((tag) => tag !== ''))]
  const names = tags.length > 0 ? tags : [...new Set(all.map(({ path }) => path))]
  const shown = names.slice(0, 8).map((name) => name.slice(0, 60))
  return `the ${tags.length > 0 ? 'tags' : 'paths'} ${shown.join(', ')}${names.length > shown.length ? ' and others' : ''}`
}
