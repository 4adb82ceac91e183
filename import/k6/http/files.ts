import { posix } from 'node:path'
import { fileCall } from '../../requests/bodies/multipart.ts'
import { type Entry, type Expr, make, object, str } from '../../scenario/code.ts'
import { type Frame, apiOf, constantOf, translate } from '../frame.ts'
import { type Node, dotted, stringOf } from '../syntax.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** Returns the call `http.file(data, name, type)`, even if a constant holds its result; null for any other value. */
export function fileCallOf(node: Node, frame: Frame): Call | null {
  const value = constantOf(node, frame) ?? node
  return value.type === 'CallExpression' && apiOf(value.callee, frame) === 'k6/http.file' ? value : null
}

/** Translates a value in a multipart body: a file beside the scenario, content with a file name, or a field. */
export function partExpr(node: Node, frame: Frame): Expr {
  const called = fileCallOf(node, frame)
  if (!called) return translate(node, frame)
  const [data, name, type] = called.arguments
  const path = data ? openedPath(data, frame) : null
  if (path !== null && isPlain(name) && isPlain(type))
    return fileCall(path, { name: stringOf(name) ?? undefined, type: stringOf(type) ?? undefined })
  const option = (key: string, value: Node | undefined): Entry[] =>
    value ? [{ key, value: translate(value, frame) }] : []
  return object([
    { key: 'content', value: data ? translate(data, frame) : str('') },
    ...option('filename', name),
    ...option('type', type),
  ])
}

function isPlain(node: Node | undefined): boolean {
  return node === undefined || stringOf(node) !== null
}

/** Returns the path in `open('path', 'b')`, converted to a path relative to the scenario. */
function openedPath(node: Node, frame: Frame): string | null {
  const path = openedFile(node, frame)
  return path === null ? null : posix.normalize(posix.join(frame.module.prefix, path))
}

/** Returns the path in `open('path', 'b')`, as written in the script. */
export function openedFile(node: Node, frame: Frame): string | null {
  const value = constantOf(node, frame) ?? node
  if (value.type !== 'CallExpression' || dotted(value.callee) !== 'open' || frame.scope.has('open')) return null
  return stringOf(value.arguments[0])
}

/** Translates `http.file(data, name, type)` outside a multipart body. */
export function fileExpr(args: readonly Node[], frame: Frame): Expr {
  const [data, name, type] = args.map((arg) => translate(arg, frame))
  const options: Expr[] = type ? [object([{ key: 'type', value: type }])] : []
  return make('File', { k: 'array', items: [data ?? str('')] }, name ?? str('file'), ...options)
}
