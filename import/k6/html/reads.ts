import { type Expr, type Stmt, arrow, binary, id, method, str } from '../../scenario/code.ts'
import { type Frame, type Selection, lost, translate } from '../frame.ts'
import { type Fn, type Node, isFn, keyOf } from '../syntax.ts'
import { ownName } from '../code/names.ts'
import { fnParts } from '../code/functions.ts'
import { countOf, elementNamed, elementOf, elementsOf, isPresent, selectionOf } from './selections.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** Translates a read of an element, such as `.text()` or `.attr('href')`. Returns null for any other call. */
export function selectionCall(node: Call, frame: Frame): Expr | null {
  const found = readIn(node, frame)
  if (!found) return null
  const { selection, key } = found
  if (key === 'size') return countOf(selection) ?? lost(node, frame, 'the number of elements cannot be determined')
  if (key === 'toArray') return elementsOf(selection) ?? lost(node, frame, 'the elements cannot be determined')
  if (key === 'map') return mapped(selection, node, frame)
  const value = valueIn(selection, node, frame)
  return value ? withDefault(value) : lost(node, frame, `${key}() of an element has no counterpart`)
}

function readIn(node: Node, frame: Frame): { selection: Selection; key: string } | null {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null
  const { callee } = node
  const key = keyOf(callee)
  const selection = key === null || callee.object.type === 'Super' ? null : selectionOf(callee.object, frame)
  return selection && key !== null ? { selection, key } : null
}

/**
 * Translates code that reads an attribute in a condition or a comparison. If the attribute is missing, the value stays null or undefined. Returns
 * null for any other node.
 */
export function bareAttribute(node: Node, frame: Frame): Expr | null {
  const found = readIn(node, frame)
  if (!found || !['attr', 'val', 'getAttribute'].includes(found.key) || node.type !== 'CallExpression') return null
  return valueIn(found.selection, node, frame)
}

const plain: Readonly<Record<string, string>> = {
  text: 'textContent',
  textContent: 'textContent',
  html: 'innerHTML',
  innerHTML: 'innerHTML',
}

/** Returns the code that reads a value of an element. The value is undefined if the element does not exist. */
function valueIn(selection: Selection, node: Call, frame: Frame): Expr | null {
  const key = keyOf(node.callee) ?? ''
  const element = elementOf(selection)
  const optional = isPresent(selection) ? {} : { optional: true }
  if (Object.hasOwn(plain, key)) return { k: 'member', of: element, name: plain[key] ?? '', ...optional }
  const [name] = node.arguments
  const attribute = key === 'val' ? str('value') : key === 'id' ? str('id') : name && translate(name, frame)
  if (!attribute || !['attr', 'val', 'id', 'getAttribute'].includes(key)) return null
  return { k: 'call', of: { k: 'member', of: element, name: 'getAttribute', ...optional }, args: [attribute] }
}

function withDefault(value: Expr): Expr {
  const isCertain = value.k === 'member' && value.optional !== true
  return isCertain ? value : binary(value, '??', str(''))
}

/** Translates `.map((index, element) => …)`. In the scenario, the element comes before the index. */
function mapped(selection: Selection, node: Call, frame: Frame): Expr {
  const [fn] = node.arguments
  const all = elementsOf(selection)
  if (!all || !isFn(fn)) return lost(node, frame, 'write the function of map() directly in the call')
  const parts = callbackOf(selection.isList ? swapped(fn) : fn, frame)
  if (!parts) return lost(node, frame, 'these parameters have no counterpart')
  return method(all, 'map', arrow(parts.index === null ? [parts.element] : [parts.element, parts.index], parts.body))
}

/** Swaps the parameters of the callback in `toArray().map((element, index) => …)`. The result has the parameters `(index, element)`. */
function swapped(fn: Fn): Fn {
  const [element, index] = fn.params
  const other = index ?? { type: 'Identifier', name: '_', start: fn.start, end: fn.start }
  return element ? { ...fn, params: [other, element] } : fn
}

interface Callback {
  index: string | null
  element: string
  body: Expr | readonly Stmt[]
}

/** Translates the callback of `map` or `each`, whose parameters are an index and an element. */
function callbackOf(fn: Fn, frame: Frame): Callback | null {
  const [index, element] = fn.params
  if (index?.type !== 'Identifier' || element?.type !== 'Identifier') return null
  const scope = new Map(frame.scope)
  const name = ownName(element.name)
  scope.set(index.name, { expr: id(ownName(index.name)), kind: 'plain' })
  scope.set(element.name, { expr: id(name), kind: 'plain', selection: elementNamed(name) })
  const { body, value } = fnParts({ ...fn, params: [] }, { ...frame, scope })
  const isUsed = frame.module.mentions.within(index.name, fn.body).length > 0
  return { index: isUsed ? ownName(index.name) : null, element: name, body: value ?? body }
}

/** Translates `.each((index, element) => …)` to a loop. Returns null for any other call. */
export function eachElementStmts(node: Call, frame: Frame): Stmt[] | null {
  const found = readIn(node, frame)
  const [fn] = node.arguments
  if (found?.key !== 'each' || !isFn(fn)) return null
  const all = elementsOf(found.selection)
  const parts = all && callbackOf(fn, frame)
  if (!parts) return null
  const { index, element, body } = parts
  const stmts: readonly Stmt[] = 'k' in body ? [{ k: 'expr', of: body }] : body
  if (index === null) return [{ k: 'for', name: element, of: all, body: stmts }]
  return [{ k: 'for', name: { array: [index, element] }, of: method(all, 'entries'), body: stmts }]
}

/**
 * Translates a variable that holds elements. The scenario has no such variable: each use of the variable becomes the expression for the elements. If
 * the declaration of the variable also parses the page, the scenario has a variable for the page instead.
 */
export function selectionStmts(name: string, node: Node, frame: Frame): Stmt[] | null {
  const selection = selectionOf(node, frame)
  if (!selection) return null
  if (selection.of.k !== 'await') {
    frame.scope.set(name, { expr: elementOf(selection), kind: 'plain', selection })
    return []
  }
  const own = ownName(name)
  frame.scope.set(name, { expr: id(own), kind: 'plain', selection: { ...selection, of: id(own) } })
  return [{ k: 'var', kind: 'const', name: own, value: selection.of }]
}
