import type { HtmlElement } from '../../../../../core/authoring/requests/http.ts'

/** An element as the parser gives it. */
export interface Node extends HtmlElement {
  readonly tagName: string
  readonly parentNode: Node | null
  /** The form to which the parser assigned a control: the form around it, or one that began before it in the same table. */
  readonly formOwner: Node | null
  querySelector(selector: string): Node | null
  querySelectorAll(selector: string): Node[]
}

/** The name of an element, in lower case. */
export function tagOf(node: Node): string {
  return node.tagName.toLowerCase()
}

export function has(node: Node, attribute: string): boolean {
  return node.getAttribute(attribute) !== undefined
}

/** The value of an attribute in lower case, without blanks around it; '' when the element does not have it. */
export function wordOf(node: Node, attribute: string): string {
  return node.getAttribute(attribute)?.trim().toLowerCase() ?? ''
}

/** The nearest element around a node for which the test holds. */
export function around(node: Node, holds: (node: Node) => boolean): Node | undefined {
  let at = node.parentNode
  while (at && !holds(at)) at = at.parentNode
  return at ?? undefined
}
