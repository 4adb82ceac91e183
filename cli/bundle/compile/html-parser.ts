import { selectAll, selectOne } from 'css-select'
import { getInnerHTML, textContent } from 'domutils'
import { Parser } from 'parse5'
import { adapter } from 'parse5-htmlparser2-tree-adapter'
import { marks, shared } from '../../../core/authoring/runtime.ts'

/** This file is bundled with a scenario that uses `.html()`. Other scenarios and the worker do not load a parser. */
shared[marks.html] = (text) => elementOf(parsed(text))

type Inner = ReturnType<typeof adapter.createDocument> | ReturnType<typeof adapter.createElement>

/** The form to which the parser assigned a control. In a table, it is not an ancestor of the control. */
const formOwners = new WeakMap<Inner, Inner>()
const controls = new Set(['button', 'input', 'select', 'textarea'])

/** Notes for each control the form that is open when the control is made (HTML standard, "form element pointer"). */
function parsed(text: string): Inner {
  const createElement: typeof adapter.createElement = (...given) => {
    const made = adapter.createElement(...given)
    if (parser.formElement && controls.has(made.name)) formOwners.set(made, parser.formElement)
    return made
  }
  const parser = new Parser({ treeAdapter: { ...adapter, createElement } })
  parser.tokenizer.write(text, true)
  return parser.document
}

/** Each node has one object, so that elements can be compared with `===`. */
const elements = new WeakMap<Inner, Element>()

function elementOf(node: Inner): Element {
  const known = elements.get(node) ?? new Element(node)
  elements.set(node, known)
  return known
}

/** An element, or the page itself, with members that are named as in browsers. */
class Element {
  readonly #node: Inner

  constructor(node: Inner) {
    this.#node = node
  }

  /** In upper case; '' for the page. */
  get tagName(): string {
    return adapter.isElementNode(this.#node) ? this.#node.name.toUpperCase() : ''
  }

  get textContent(): string {
    return textContent(this.#node)
  }

  get innerHTML(): string {
    return getInnerHTML(this.#node)
  }

  get parentNode(): Element | null {
    const { parent } = this.#node
    return parent && 'children' in parent ? elementOf(parent as Inner) : null
  }

  /** The form of a control without an attribute `form`. */
  get formOwner(): Element | null {
    const owner = formOwners.get(this.#node)
    return owner ? elementOf(owner) : null
  }

  getAttribute(name: string): string | undefined {
    return adapter.isElementNode(this.#node) ? this.#node.attribs[name] : undefined
  }

  querySelector(selector: string): Element | null {
    const found = selectOne(selector, this.#node.children)
    return found && elementOf(found as Inner)
  }

  querySelectorAll(selector: string): Element[] {
    return selectAll(selector, this.#node.children).map((found) => elementOf(found as Inner))
  }
}
