import { type Frame, note, translate } from '../../../k6/frame.ts'
import { type Node, dotted, keyOf } from '../../../k6/syntax.ts'
import type { Expr, Stmt } from '../../../scenario/code.ts'
import { responseAt } from '../pm/responses.ts'

/** A word of an assertion, such as `equal(3)` or `empty`. */
export interface Link {
  name: string
  /** The arguments of the call; null if the word is not called. */
  args: readonly Node[] | null
  node: Node
}

/** An assertion of chai: the value that it is about, and the words after the value. */
export interface Chain {
  subject: Expr
  /** The node of the value; null if the assertion is about the response itself. */
  value: Node | null
  links: Link[]
  /** `true` for `pm.response.to.…`. */
  isOfResponse: boolean
}

/** Reads `pm.expect(value).to.equal(3)` and `pm.response.to.have.status(200)`. Returns null for any other node. */
export function chainOf(whole: Node, frame: Frame): Chain | null {
  const parts = partsOf(whole, frame)
  return parts && { ...parts, subject: parts.subject() }
}

/** Returns true if a node is an assertion. */
export function isAssertion(node: Node, frame: Frame): boolean {
  const of = node.type === 'ExpressionStatement' ? node.expression : node
  return partsOf(of, frame) !== null
}

type Parts = Omit<Chain, 'subject'> & Root

function partsOf(whole: Node, frame: Frame): Parts | null {
  const links: Link[] = []
  let node: Node = whole.type === 'ChainExpression' ? whole.expression : whole
  for (;;) {
    const root = rootOf(node, frame)
    if (root) {
      const isComplete = links.length > 0 && (root.value !== null || links.some(({ name }) => name === 'to'))
      return isComplete ? { ...root, links } : null
    }
    const called: Extract<Node, { type: 'CallExpression' }> | null = node.type === 'CallExpression' ? node : null
    const inner: Node = called ? called.callee : node
    const name = keyOf(inner)
    if (inner.type !== 'MemberExpression' || name === null) return null
    links.unshift({ name, args: called ? called.arguments : null, node })
    node = inner.object
  }
}

interface Root {
  subject: () => Expr
  value: Node | null
  isOfResponse: boolean
}

function rootOf(node: Node, frame: Frame): Root | null {
  if (node.type === 'CallExpression' && /^(?:pm\.|chai\.)?expect$/.test(dotted(node.callee))) {
    const [value] = node.arguments
    if (!value || value.type === 'SpreadElement') return null
    const response = responseAt(value, frame)
    if (response) return { subject: () => response, value: null, isOfResponse: true }
    return { subject: () => translate(value, frame), value, isOfResponse: false }
  }
  const response = responseAt(node, frame)
  return response && { subject: () => response, value: null, isOfResponse: true }
}

/** Handles an assertion that is not inside a test: adds a TODO comment, and returns an empty list. Returns null if the node is not an assertion. */
export function looseCheck(node: Node, frame: Frame): Stmt[] | null {
  if (!isAssertion(node, frame)) return null
  note(node, frame, 'write this assertion as a check of the request')
  return []
}
