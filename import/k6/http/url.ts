import { type Text, cutAt } from '../../requests/request.ts'
import { type Expr, member } from '../../scenario/code.ts'
import { envDefault, envName } from '../env.ts'
import { type Frame, constantOf, translate } from '../frame.ts'
import { type Node, dotted, keyOf } from '../syntax.ts'

const mostSteps = 50

/** Returns a string as constants and expressions. Constants of the script are replaced by their values. */
export function textParts(node: Node, frame: Frame, steps = 0): Text {
  if (steps > mostSteps) return [translate(node, frame)]
  const ofClass = hostField(node, frame)
  if (ofClass) return textParts(ofClass, frame, steps + 1)
  if (node.type === 'Literal') return [String(node.value)]
  if (node.type === 'TemplateLiteral') return mixed(node, frame, steps)
  if (node.type === 'TaggedTemplateExpression') return mixed(node.quasi, frame, steps)
  if (node.type === 'BinaryExpression' && node.operator === '+' && node.left.type !== 'PrivateIdentifier')
    return [...textParts(node.left, frame, steps + 1), ...textParts(node.right, frame, steps + 1)]
  const ofObject = urlObjectParts(node, frame, steps)
  if (ofObject) return ofObject
  const value = constantOf(node, frame)
  return value && isText(value) ? textParts(value, frame, steps + 1) : [otherPart(node, value, frame)]
}

/** Returns the value of `this.baseUrl` in a method of a class of the script; undefined for any other node. */
function hostField(node: Node, { ofClass, module }: Frame): Node | undefined {
  const isOwn = ofClass !== undefined && node.type === 'MemberExpression' && node.object.type === 'ThisExpression'
  return isOwn ? module.hostFields.get(keyOf(node) ?? '') : undefined
}

/** Translates `url`, `url.href` and `url.toString()` for a URL object whose origin is known. */
function urlObjectParts(node: Node, frame: Frame, steps: number): Text | null {
  const of = urlObjectIn(node)
  const init = of ? constantOf(of, frame) : null
  const [given] = init?.type === 'NewExpression' && dotted(init.callee) === 'URL' ? init.arguments : []
  if (!of || !given || given.type === 'SpreadElement') return null
  const first = textParts(given, frame, steps + 1).find((part) => part !== '')
  const origin = URL.parse(typeof first === 'string' ? first : (hostDefault(given, frame) ?? ''))?.origin
  const object = translate(of, frame)
  return origin === undefined
    ? [member(object, 'href')]
    : [origin, member(object, 'pathname'), member(object, 'search')]
}

/** Returns the variable in `url`, `url.href` and `url.toString()`; null for any other node. */
function urlObjectIn(node: Node): Node | null {
  const isText = node.type === 'CallExpression' && keyOf(node.callee) === 'toString'
  const inner = isText ? node.callee : node
  const isMember = inner.type === 'MemberExpression' && (isText || keyOf(inner) === 'href')
  const of = isMember ? inner.object : node
  return of.type === 'Identifier' ? of : null
}

function mixed(node: Extract<Node, { type: 'TemplateLiteral' }>, frame: Frame, steps: number): Text {
  return node.quasis.flatMap((quasi, index) => {
    const expression = node.expressions[index]
    return [quasi.value.cooked ?? '', ...(expression ? textParts(expression, frame, steps + 1) : [])]
  })
}

function isText(node: Node): boolean {
  if (node.type === 'Literal') return typeof node.value === 'string' || typeof node.value === 'number'
  return (
    node.type === 'TemplateLiteral' || (node.type === 'BinaryExpression' && node.operator === '+' && isText(node.left))
  )
}

function otherPart(node: Node, value: Node | null, frame: Frame): Expr {
  const [encoded] = node.type === 'CallExpression' && dotted(node.callee) === 'encodeURIComponent' ? node.arguments : []
  // burst itself encodes parameters and queries, so `encodeURIComponent` is left out.
  if (encoded && encoded.type !== 'SpreadElement') return translate(encoded, frame)
  const env = value && envName(value) !== null ? value : node
  return translate(env, frame)
}

/**
 * If a URL begins with an environment variable, this variable contains the host. Returns the default of the variable; an empty string if the variable
 * has no default. `-H` overrides the default. Returns null if the URL begins with something else, or if the default is not a URL with a scheme.
 */
export function hostDefault(node: Node, frame: Frame): string | null {
  const first = firstPart(node, frame, 0)
  if (!first) return null
  const found = envDefault(first)
  return found === '' || (found !== null && /^(?:https?|wss?):\/\//.test(found)) ? found : null
}

/** Returns the environment variable at the beginning of a string, with its default; null if the string begins with something else. */
function firstPart(node: Node, frame: Frame, steps: number): Node | null {
  if (steps > mostSteps) return null
  if (node.type === 'TaggedTemplateExpression') return firstPart(node.quasi, frame, steps + 1)
  if (node.type === 'BinaryExpression' && node.operator === '+') return firstPart(node.left, frame, steps + 1)
  if (node.type === 'TemplateLiteral')
    return node.quasis[0]?.value.cooked === '' && node.expressions[0]
      ? firstPart(node.expressions[0], frame, steps + 1)
      : null
  if (envDefault(node) !== null) return node
  const ofClass = hostField(node, frame)
  if (ofClass) return firstPart(ofClass, frame, steps + 1)
  const value = constantOf(node, frame)
  return value ? firstPart(value, frame, steps + 1) : null
}

/** Returns the constants and expressions of a URL. `isKnown` is true if the URL begins with a constant origin or path. */
export function urlParts(node: Node, frame: Frame): { url: Text; isKnown: boolean } {
  const parts = textParts(node, frame).filter((part) => part !== '')
  const host = hostDefault(node, frame)
  const isHost = host !== null && typeof parts[0] !== 'string'
  const url = joined(isHost ? [host, ...parts.slice(1)] : parts)
  const [first] = url
  return { url, isKnown: typeof first === 'string' && /^(?:https?:\/\/|\/)/i.test(first) }
}

const opaqueName = /path|url|uri|endpoint|route|href|suffix/i

/**
 * Returns true if an expression after the origin of a URL may contain slashes or a query. Such an expression cannot become a route parameter. The
 * function returns true if the part after the origin does not begin with `/`, `?` or `#`, or if an expression in the path has a name such as `path`.
 */
export function isOpaque(rest: Text): boolean {
  const first = rest.find((part) => part !== '')
  const [path] = cutAt(rest, '?')
  if (first !== undefined && (typeof first !== 'string' || !/^[/?#]/.test(first))) return true
  return path.some(
    (part) => typeof part !== 'string' && (part.k === 'id' || part.k === 'member') && opaqueName.test(part.name),
  )
}

/** Returns the part of a URL after the origin. */
export function withoutOrigin([first = '', ...rest]: Text, origin: string): Text {
  if (typeof first !== 'string') return [first, ...rest]
  const path =
    origin !== '' && first.toLowerCase().startsWith(origin.toLowerCase()) ? first.slice(origin.length) : first
  return path === '' && rest.length === 0 ? ['/'] : [path, ...rest]
}

/** Joins adjacent constant strings of a text. */
function joined(parts: Text): Text {
  const found: (string | Expr)[] = []
  for (const part of parts) {
    const last = found.at(-1)
    if (typeof part === 'string' && typeof last === 'string') found[found.length - 1] = last + part
    else if (part !== '') found.push(part)
  }
  return found
}
