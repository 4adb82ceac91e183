import { type Entry, type Expr, make, member, method, object, self, str, template } from '../../scenario/code.ts'
import { type Frame, lost, translate } from '../frame.ts'
import { type Part, entriesOf, partNamed, partsOf } from '../http/objects.ts'
import { otherOptions, tagName } from '../http/params.ts'
import { type Node, keyOf, stringOf } from '../syntax.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** Translates `response.submitForm({ … })` and `response.clickLink({ … })` to pending requests. Returns null for any other call. */
export function pageRequest(node: Call, frame: Frame): Expr | null {
  const { callee } = node
  const key = callee.type === 'MemberExpression' ? keyOf(callee) : null
  if (callee.type !== 'MemberExpression' || (key !== 'submitForm' && key !== 'clickLink')) return null
  const page = callee.object.type === 'Identifier' ? frame.scope.get(callee.object.name)?.page : undefined
  const [given] = node.arguments
  const parts = given ? partsOf(given, frame) : []
  if (!page || frame.mode !== 'user')
    return lost(node, frame, 'burst parses a page only in the statement of its request: chain .html() to the request')
  if (!parts) return lost(node, frame, 'these options cannot be determined')
  const params = partsOf(partNamed(parts, 'params'), frame) ?? []
  return key === 'submitForm' ? submitted(page, parts, { params, frame }) : clicked(page, parts, { params, frame })
}

interface Sending {
  params: readonly Part[]
  frame: Frame
}

/** Returns the request `page.form(selector).submit(fields, options)`. */
function submitted(page: Expr, parts: readonly Part[], { params, frame }: Sending): Expr {
  const selector = partNamed(parts, 'formSelector')
  const isFirst = selector === null || stringOf(selector) === 'form'
  const form = method(page, 'form', ...(isFirst ? [] : [translate(selector, frame)]))
  const button = partNamed(parts, 'submitSelector')
  const options: Entry[] = [
    ...(button ? [{ key: 'button', value: translate(button, frame) }] : []),
    ...sendingOptions(params, frame),
  ]
  const fields = fieldsOf(partNamed(parts, 'fields'), frame)
  const args = options.length > 0 ? [fields ?? object([]), object(options)] : fields ? [fields] : []
  return method(form, 'submit', ...args)
}

function fieldsOf(node: Node | null, frame: Frame): Expr | null {
  if (!node) return null
  const parts = partsOf(node, frame)
  if (!parts) return translate(node, frame)
  return parts.length > 0 ? object(entriesOf(parts, frame)) : null
}

function sendingOptions(params: readonly Part[], frame: Frame): Entry[] {
  const name = tagName(params, '')
  const headers = partNamed(params, 'headers')
  return [
    ...(headers ? [{ key: 'headers', value: translate(headers, frame) }] : []),
    ...otherOptions(params, frame),
    ...(name === null ? [] : [{ key: 'name', value: str(name) }]),
  ]
}

/** Returns a request to the address of a link. */
function clicked(page: Expr, parts: readonly Part[], { params, frame }: Sending): Expr {
  const selector = partNamed(parts, 'selector')
  const css = selector ? translate(selector, frame) : str('a[href]')
  const link: Expr = { k: 'member', of: method(page, 'querySelector', css), name: 'getAttribute', optional: true }
  const href: Expr = { k: 'binary', op: '??', left: { k: 'call', of: link, args: [str('href')] }, right: str('') }
  const options = sendingOptions(params, frame)
  const isNamed = options.some((entry) => 'key' in entry && entry.key === 'name')
  const name: Entry[] = isNamed ? [] : [{ key: 'name', value: template(['link ', css]) }]
  const address = member(make('URL', href, member(page, 'url')), 'href')
  return method(member(self, 'http'), 'get', address, object([...options, ...name]))
}
