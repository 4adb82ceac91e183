import { jsonExpr } from '../../requests/bodies/body.ts'
import { type Entry, type Expr, absent, array, binary, call, object, snippet } from '../../scenario/code.ts'
import { type FormField, type Frame, constantOf, translate } from '../frame.ts'
import { type Node, dotted, someNode, stringOf } from '../syntax.ts'
import { fileCallOf, partExpr } from './files.ts'
import { type Part, entriesOf, partsOf } from './objects.ts'

/** The body of a request as an option. If `isTyped` is not null, the option sets `content-type` itself. */
export interface BodyOption {
  entry: Entry | null
  isTyped: 'json' | 'form' | 'multipart' | null
}

const none: BodyOption = { entry: null, isTyped: null }

export function bodyOption(node: Node | null | undefined, contentType: string, frame: Frame): BodyOption {
  if (!node || isNothing(node)) return none
  const value = constantOf(node, frame)
  const source = value && isInlined(value) && (isData(value) || isUsedOnce(node, frame)) ? value : node
  const json = jsonSource(source)
  if (json && contentType !== 'form') return { entry: { key: 'json', value: translate(json, frame) }, isTyped: 'json' }
  const form = formDataOf(node, frame)
  if (form) return { entry: form, isTyped: 'multipart' }
  const parts = partsOf(source, frame)
  if (parts) return fieldsOption(parts, frame)
  const text = contentType === 'json' ? stringOf(source) : null
  const parsed = text === null ? null : jsonExpr([text])
  if (parsed) return { entry: { key: 'json', value: parsed }, isTyped: 'json' }
  const body = translate(source, frame)
  // In burst, the body of a request cannot be null.
  const given = mayBeNull(value ?? source) ? binary(body, '??', absent) : body
  return { entry: { key: 'body', value: given }, isTyped: null }
}

/** Returns true for a body that may be null, such as `withBody ? JSON.stringify(item) : null`. */
function mayBeNull(node: Node): boolean {
  return node.type === 'ConditionalExpression' && [node.consequent, node.alternate].some(isNothing)
}

function isNothing(node: Node): boolean {
  return (node.type === 'Literal' && node.value === null) || (node.type === 'Identifier' && node.name === 'undefined')
}

/** Returns true if a constant is written directly into the request, so that a reader sees the body. */
function isInlined(value: Node): boolean {
  return jsonSource(value) !== null || stringOf(value) !== null || value.type === 'ObjectExpression'
}

/** Returns true if the value is the same each time that the code runs. */
function isData(value: Node): boolean {
  const json = jsonSource(value) ?? value
  return !someNode(json, ({ type }) => ['CallExpression', 'NewExpression', 'UpdateExpression'].includes(type))
}

/** Returns true if the code uses a variable only once. */
function isUsedOnce(node: Node, { module }: Frame): boolean {
  if (node.type !== 'Identifier') return true
  const uses = module.mentions.within(node.name, module.script.program)
  return uses.filter(([, parent]) => parent?.type !== 'VariableDeclarator').length < 2
}

/** Returns the argument `x` of `JSON.stringify(x)`; null for any other node. */
function jsonSource(node: Node): Node | null {
  const [first] = node.type === 'CallExpression' && dotted(node.callee) === 'JSON.stringify' ? node.arguments : []
  return first && first.type !== 'SpreadElement' ? first : null
}

/** Returns the fields of an object as a multipart body if one of the fields is a file; otherwise as a form. */
function fieldsOption(parts: readonly Part[], frame: Frame): BodyOption {
  const hasFile = parts.some((part) => 'value' in part && fileCallOf(part.value, frame) !== null)
  if (!hasFile) return { entry: { key: 'form', value: object(entriesOf(parts, frame)) }, isTyped: 'form' }
  // `setup` and `teardown` send requests with `fetch`, which accepts a FormData.
  if (frame.mode !== 'user')
    return {
      entry: { key: 'body', value: call(snippet('formOf'), object(entriesOf(parts, frame))) },
      isTyped: 'multipart',
    }
  const fields = parts.map((part): Entry => {
    if ('spread' in part) return { spread: translate(part.spread, frame) }
    const value = partExpr(part.value, frame)
    return 'key' in part ? { key: part.key, value } : { computed: translate(part.computed, frame), value }
  })
  return { entry: { key: 'multipart', value: object(fields) }, isTyped: 'multipart' }
}

/** Translates `form.body()` of a `FormData` of jslib. */
function formDataOf(node: Node, frame: Frame): Entry | null {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null
  const { object: of } = node.callee
  const binding = of.type === 'Identifier' ? frame.scope.get(of.name) : undefined
  if (binding?.kind !== 'form' || !dotted(node.callee).endsWith('.body')) return null
  if (!binding.fields) return { key: 'body', value: binding.expr }
  return { key: 'multipart', value: fieldsExpr(binding.fields, frame) }
}

function fieldsExpr(fields: readonly FormField[], frame: Frame): Expr {
  const byName = new Map<string, Expr[]>()
  for (const { name, value } of fields) byName.set(name, [...(byName.get(name) ?? []), partExpr(value, frame)])
  return object(
    [...byName].map(([key, values]): Entry => {
      const [only] = values
      return { key, value: only && values.length === 1 ? only : array(values) }
    }),
  )
}
