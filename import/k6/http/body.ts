import { jsonExpr } from '../../requests/body.ts'
import { type Entry, type Expr, call, make, object, snippet, str } from '../../scenario/code.ts'
import { type Frame, apiOf, constantOf, translate } from '../frame.ts'
import { type Node, dotted, stringOf } from '../syntax.ts'
import { type Part, entriesOf, partsOf } from './objects.ts'

/** The body of a request as an option; `isTyped`: the option sets `content-type` itself. */
export interface BodyOption {
  entry: Entry | null
  isTyped: 'json' | 'form' | 'multipart' | null
}

const none: BodyOption = { entry: null, isTyped: null }

// oxlint-disable-next-line complexity -- one condition for each form of the syntax
export function bodyOption(node: Node | null | undefined, contentType: string, frame: Frame): BodyOption {
  if (!node || isNothing(node)) return none
  const value = constantOf(node, frame)
  const source = value && isInlined(value) ? value : node
  const json = jsonSource(source)
  if (json && contentType !== 'form') return { entry: { key: 'json', value: translate(json, frame) }, isTyped: 'json' }
  const upload = formDataOf(node, frame)
  if (upload) return { entry: { key: 'body', value: upload }, isTyped: 'multipart' }
  const parts = partsOf(source, frame)
  if (parts) return fieldsOption(parts, frame)
  const text = contentType === 'json' ? stringOf(source) : null
  const parsed = text === null ? null : jsonExpr([text])
  if (parsed) return { entry: { key: 'json', value: parsed }, isTyped: 'json' }
  return { entry: { key: 'body', value: translate(source, frame) }, isTyped: null }
}

function isNothing(node: Node): boolean {
  return (node.type === 'Literal' && node.value === null) || (node.type === 'Identifier' && node.name === 'undefined')
}

/** Whether a constant is inserted into the request, so that the request shows its body. */
function isInlined(value: Node): boolean {
  return jsonSource(value) !== null || stringOf(value) !== null || value.type === 'ObjectExpression'
}

/** `x` in `JSON.stringify(x)`. */
function jsonSource(node: Node): Node | null {
  const [first] = node.type === 'CallExpression' && dotted(node.callee) === 'JSON.stringify' ? node.arguments : []
  return first && first.type !== 'SpreadElement' ? first : null
}

/** The fields of an object: a form, or a multipart body if one of them is a file. */
function fieldsOption(parts: readonly Part[], frame: Frame): BodyOption {
  const hasFile = parts.some((part) => 'value' in part && isFile(part.value, frame))
  const fields = object(entriesOf(parts, frame))
  return hasFile
    ? { entry: { key: 'body', value: call(snippet('formOf'), fields) }, isTyped: 'multipart' }
    : { entry: { key: 'form', value: fields }, isTyped: 'form' }
}

function isFile(node: Node, frame: Frame): boolean {
  const value = constantOf(node, frame) ?? node
  return value.type === 'CallExpression' && apiOf(value.callee, frame) === 'k6/http.file'
}

/** `form.body()` of a `FormData` of jslib. */
function formDataOf(node: Node, frame: Frame): Expr | null {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null
  const { object: of } = node.callee
  const isForm = of.type === 'Identifier' && frame.scope.get(of.name)?.kind === 'form'
  return isForm && dotted(node.callee).endsWith('.body') ? translate(of, frame) : null
}

/** `http.file(data, name, type)` */
export function fileExpr(args: readonly Node[], frame: Frame): Expr {
  const [data, name, type] = args.map((arg) => translate(arg, frame))
  const options: Expr[] = type ? [object([{ key: 'type', value: type }])] : []
  const content: Expr = { k: 'array', items: [data ?? str('')] }
  return make('File', content, name ?? str('file'), ...options)
}
