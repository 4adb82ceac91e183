import { type Expr, awaited, binary, id, method, member, str, template } from '../../scenario/code.ts'
import { Lost, pathOf } from '../code/context.ts'
import { requestIn, translate } from '../code/translator.ts'
import { type Type, listOf, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Named, Py } from '../python/syntax.ts'
import type { Builtin } from './builtins.ts'

const page: Type = { kind: 'page' }
const element: Type = { kind: 'element' }
/** The type of a page element. The value may be null. */
const found: Type = { kind: 'found' }

/** Returns the response in `BeautifulSoup(response.text, …)`; null for any other expression. */
export function parsedBy(py: Py, frame: Frame): Py | null {
  if (py.t !== 'call' || pathOf(frame, py.of) !== 'bs4.BeautifulSoup') return null
  const [body] = py.args
  return body?.t === 'attr' && ['text', 'content'].includes(body.name) ? body.of : null
}

/** Translates calls such as `BeautifulSoup(self.client.get("/").text, "html.parser")`. */
export const pageFunctions: Readonly<Record<string, Builtin>> = {
  'bs4.BeautifulSoup': (py, frame) => {
    const of = parsedBy(py, frame)
    const request = of?.t === 'call' ? requestIn(of, frame) : null
    if (request) return { expr: awaited(method(request, 'html')), type: page }
    const known = of?.t === 'name' ? frame.scope.get(of.id) : undefined
    if (known?.type.kind !== 'html') throw new Lost(py, 'call .html() at the request')
    return { expr: id(known.name), type: page }
  },
}

/** Translates a method of a page or of its elements. */
export function pageCall(py: Call, name: string, owner: Value, frame: Frame): Value | null {
  if (!isPart(owner)) return null
  const of = sure(owner)
  if (name === 'find') return { expr: method(of, 'querySelector', selectorOf(py, frame)), type: found }
  if (name === 'find_all' || name === 'findAll')
    return { expr: method(of, 'querySelectorAll', selectorOf(py, frame)), type: listOf(element) }
  if (name === 'select_one') return { expr: method(of, 'querySelector', argument(py, frame)), type: found }
  if (name === 'select') return { expr: method(of, 'querySelectorAll', argument(py, frame)), type: listOf(element) }
  if (['get_text', 'getText'].includes(name)) return { expr: textOf(py, owner), type: text }
  if (owner.type.kind === 'page' || name !== 'get' || !py.args[0]) throw new Lost(py)
  const standard = py.args[1] ? translate(py.args[1], frame).expr : str('')
  const value = method(of, 'getAttribute', translate(py.args[0], frame).expr)
  return { expr: binary(value, '??', standard), type: text }
}

/** Translates `.text` and `.string`. Also translates the name of an element, as in `soup.title`, to the first element with that name. */
export function pageMember(py: Extract<Py, { t: 'attr' }>, owner: Value): Value | null {
  if (!isPart(owner)) return null
  if (py.name === 'text' || py.name === 'string') return { expr: textContent(owner), type: text }
  if (!/^(?:title|head|body|form|a|h[1-6]|p|input|div|span|table|tr|td|ul|li|img|meta)$/.test(py.name))
    throw new Lost(py)
  return { expr: method(sure(owner), 'querySelector', str(py.name)), type: found }
}

/** `element["value"]` */
export function attributeAt(py: Py, index: Py, owner: Value, frame: Frame): Value | null {
  if (!isPart(owner)) return null
  if (owner.type.kind === 'page') throw new Lost(py)
  const value = method(sure(owner), 'getAttribute', translate(index, frame).expr)
  return { expr: { k: 'present', of: value }, type: text }
}

function isPart({ type }: Value): boolean {
  return type.kind === 'page' || type.kind === 'element' || type.kind === 'found'
}

function sure({ expr, type }: Value): Expr {
  return type.kind === 'found' ? { k: 'present', of: expr } : expr
}

function textContent(owner: Value): Expr {
  if (owner.type.kind !== 'page') return member(sure(owner), 'textContent')
  return member({ k: 'present', of: method(owner.expr, 'querySelector', str('html')) }, 'textContent')
}

function textOf(py: Call, owner: Value): Expr {
  const [only, ...more] = py.named
  if (py.args.length > 0 || more.length > 0) throw new Lost(py)
  if (!only) return textContent(owner)
  if (only.name !== 'strip' || only.value.t !== 'bool') throw new Lost(py)
  return only.value.value ? method(textContent(owner), 'trim') : textContent(owner)
}

function argument(py: Call, frame: Frame): Expr {
  const [selector] = py.args
  if (!selector || py.args.length > 1 || py.named.length > 0) throw new Lost(py)
  return translate(selector, frame).expr
}

/** Converts the arguments of `find` and `find_all` to a CSS selector. */
function selectorOf(py: Call, frame: Frame): Expr {
  const [tag, second, ...more] = py.args
  if (more.length > 0) throw new Lost(py)
  const parts = [
    ...(tag ? ofTag(tag, py) : []),
    ...(second ? ofAttributes(second, py, frame) : []),
    ...py.named.flatMap((one) => ofNamed(one, py, frame)),
  ]
  return parts.length === 0 ? str('*') : template(parts)
}

/** Returns the name of the element that the argument selects. The arguments `None` and `True` select any element. */
function ofTag(tag: Py, py: Call): string[] {
  if (tag.t === 'str') return [tag.value]
  if (tag.t === 'none' || (tag.t === 'bool' && tag.value)) return []
  throw new Lost(py)
}

const unsupported = new Set(['name', 'string', 'text', 'recursive', 'limit'])

function ofNamed({ name, value }: Named, py: Call, frame: Frame): (string | Expr)[] {
  if (name === 'name' && value.t === 'str') return [value.value]
  if (name === 'attrs') return ofAttributes(value, py, frame)
  if (name === null || unsupported.has(name)) throw new Lost(py)
  return condition(name === 'class_' ? 'class' : name, value, frame)
}

/** Translates the attributes that an element must have: a dictionary such as `{"name": "token"}`, or a string, which is the name of a class. */
function ofAttributes(value: Py, py: Call, frame: Frame): (string | Expr)[] {
  if (value.t === 'str') return condition('class', value, frame)
  if (value.t !== 'dict') throw new Lost(py)
  return value.entries.flatMap(({ key, value: own }) => {
    if (key?.t !== 'str') throw new Lost(py)
    return condition(key.value, own, frame)
  })
}

/** Returns the part of a CSS selector that tests one attribute. */
function condition(name: string, value: Py, frame: Frame): (string | Expr)[] {
  if (!/^[\w-]+$/.test(name)) throw new Lost(value)
  if (value.t === 'bool') return [value.value ? `[${name}]` : `:not([${name}])`]
  if (value.t === 'none') return [`:not([${name}])`]
  const { expr, type } = translate(value, frame)
  if (type.kind !== 'str' && type.kind !== 'any') throw new Lost(value)
  if (expr.k !== 'str') return [`[${name}${name === 'class' ? '~=' : '='}"`, expr, '"]']
  const sign = name === 'id' ? '#' : name === 'class' ? '.' : null
  if (sign !== null && /^[a-z][\w-]*$/i.test(expr.value)) return [`${sign}${expr.value}`]
  const equals = name === 'class' && !expr.value.includes(' ') ? '~=' : '='
  return [`[${name}${equals}"`, expr.value.replaceAll(/["\\]/g, String.raw`\$&`), '"]']
}
