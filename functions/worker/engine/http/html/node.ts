import type { HtmlElement } from '../../../../../core/authoring/requests/http.ts'

/** An element that the parser returns. */
export interface Node extends HtmlElement {
  readonly tagName: string
  readonly parentNode: Node | null
  /** The form to which the parser assigned this control: the enclosing form, or a form that begins earlier in the same table. */
  readonly formOwner: Node | null
  querySelector(selector: string): Node | null
  querySelectorAll(selector: string): Node[]
}

/** Returns the name of an element, in lower case. */
export function tagOf(node: Node): string {
  return node.tagName.toLowerCase()
}

export function has(node: Node, attribute: string): boolean {
  return node.getAttribute(attribute) !== undefined
}

/** Returns the value of an attribute, trimmed and in lower case; '' when the element does not have the attribute. */
export function wordOf(node: Node, attribute: string): string {
  return node.getAttribute(attribute)?.trim().toLowerCase() ?? ''
}

/** Returns the nearest ancestor for which `holds` returns true. */
export function around(node: Node, holds: (node: Node) => boolean): Node | undefined {
  let at = node.parentNode
  while (at && !holds(at)) at = at.parentNode
  return at ?? undefined
}
