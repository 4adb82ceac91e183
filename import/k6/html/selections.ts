import { type Expr, at, awaited, id, member, method, num, str, template } from '../../scenario/code.ts'
import { type Frame, type Selection, apiOf, requestMethod, translate } from '../frame.ts'
import { type Node, keyOf, numberOf } from '../syntax.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** Returns the expression for the page of a response. The expression is a variable that holds the page, or a request with `.html()`. */
function pageOf(node: Node, frame: Frame): Expr | null {
  if (node.type === 'AwaitExpression') return pageOf(node.argument, frame)
  if (node.type === 'Identifier') return frame.scope.get(node.name)?.page ?? null
  if (frame.mode !== 'user' || requestMethod(node, frame) === null) return null
  frame.folded.set(node, 'bare')
  const sent = translate(node, frame)
  return sent.k === 'await' ? awaited(method(sent.of, 'html')) : null
}

/** If an expression selects elements of a page, returns these elements. Otherwise, returns null. */
export function selectionOf(node: Node, frame: Frame): Selection | null {
  if (node.type === 'Identifier') return frame.scope.get(node.name)?.selection ?? null
  if (node.type !== 'CallExpression') return null
  const { callee } = node
  const [first] = node.arguments
  if (apiOf(callee, frame) === 'k6/html.parseHTML') return parsed(first, frame)
  const key = callee.type === 'MemberExpression' ? keyOf(callee) : null
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super' || key === null) return null
  if (key === 'html') {
    const page = pageOf(callee.object, frame)
    if (page) return whole(page, first ? translate(first, frame) : null)
  }
  if (!Object.hasOwn(narrowing, key)) return null
  const of = selectionOf(callee.object, frame)
  return of && (narrowing[key] as Narrowing)(of, node, frame)
}

function whole(of: Expr, css: Expr | null): Selection {
  return { of, isElement: false, css, pick: 'first' }
}

/** `parseHTML(response.body)` */
function parsed(node: Node | undefined, frame: Frame): Selection | null {
  if (node?.type !== 'MemberExpression' || keyOf(node) !== 'body' || node.object.type === 'Super') return null
  const page = pageOf(node.object, frame)
  return page && whole(page, null)
}

type Narrowing = (of: Selection, call: Call, frame: Frame) => Selection | null

const narrowing: Readonly<Record<string, Narrowing>> = {
  find: (of, { arguments: [css] }, frame) => (css ? below(of, ' ', translate(css, frame)) : of),
  children: (of, { arguments: [css] }, frame) => below(of, ' > ', css ? translate(css, frame) : str('*')),
  toArray: (of) => ({ ...of, isList: true }),
  first: (of) => ({ ...of, pick: 'first' }),
  last: (of) => ({ ...of, pick: 'last' }),
  eq: (of, call) => picked(of, call),
  get: (of, call) => picked(of, call),
}

function picked(of: Selection, { arguments: [index] }: Call): Selection | null {
  const number = numberOf(index)
  return number === null ? null : { ...of, pick: number }
}

/**
 * Applies a second selector to the descendants of the selected elements, or to their children if `relation` is `>`. Joins the two selectors into one
 * if the selection is the first element and the first selector has no comma.
 */
function below(selection: Selection, relation: string, css: Expr): Selection {
  if (selection.css === null) return { ...selection, css: relation === ' ' ? css : template([':scope > ', css]) }
  const isPlain = selection.pick === 'first' && !(selection.css.k === 'str' && selection.css.value.includes(','))
  if (isPlain) return { ...selection, css: template([selection.css, relation, css]) }
  return { of: elementOf(selection), isElement: true, css, pick: 'first' }
}

/** Returns the expression for the selected element. The value of the expression is undefined if no element matches. */
export function elementOf({ of, isElement, css, pick }: Selection): Expr {
  if (css === null) return isElement ? of : method(of, 'querySelector', str('html'))
  if (pick === 'first') return chained(of, isElement, 'querySelector', css)
  const all = chained(of, isElement, 'querySelectorAll', css)
  return typeof pick === 'number' && pick >= 0
    ? at(all, num(pick))
    : method(all, 'at', num(pick === 'last' ? -1 : pick))
}

/** Returns the expression for the list of all selected elements; null if the selection has no selector. */
export function elementsOf({ of, isElement, css }: Selection): Expr | null {
  return css && chained(of, isElement, 'querySelectorAll', css)
}

function chained(of: Expr, isElement: boolean, name: string, css: Expr): Expr {
  const isOpen = isElement && of.k !== 'id'
  return isOpen ? { k: 'call', of: { k: 'member', of, name, optional: true }, args: [css] } : method(of, name, css)
}

/** Returns true if the element is the variable of a loop, and therefore always exists. */
export function isPresent({ isElement, css, of }: Selection): boolean {
  return isElement && css === null && of.k === 'id'
}

/** Returns the variable of a loop over elements. */
export function elementNamed(name: string): Selection {
  return { of: id(name), isElement: true, css: null, pick: 'first' }
}

/** Returns the expression for the number of elements; null if the selection has no selector. */
export function countOf(selection: Selection): Expr | null {
  const all = elementsOf(selection)
  return all && member(all, 'length')
}
