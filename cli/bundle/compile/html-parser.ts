import { selectAll, selectOne } from 'css-select'
import { getInnerHTML, textContent } from 'domutils'
import { Parser } from 'parse5'
import { adapter } from 'parse5-htmlparser2-tree-adapter'
import { marks, shared } from '../../../core/authoring/runtime.ts'

/** This file is bundled with a scenario that uses `.html()`. Other scenarios and the worker do not load a parser. */
shared[marks.html] = (text) => {
  const page = parsed(text)
  return typeof page === 'string' ? page : elementOf(page)
}

type Inner = ReturnType<typeof adapter.createDocument> | ReturnType<typeof adapter.createElement>

/**
 * Maps a control to the form that the parser assigned to the control. If the form begins inside a table, the form is not always an ancestor of its
 * controls.
 */
const formOwners = new WeakMap<Inner, Inner>()
const controls = new Set(['button', 'input', 'select', 'textarea'])

/** The maximum depth of a page. Chromium has the same maximum. The deeper an element is, the more time the parser needs for it. */
const mostLevels = 512
/**
 * The maximum number of elements. Even a small page can have very many elements, because the parser repeats unclosed formatting elements in each
 * paragraph.
 */
const mostElements = 200_000
/** The maximum time in milliseconds to parse a page. The time is limited because all other users of the worker wait while a page is parsed. */
const mostMs = 10_000
/** The number of characters that are parsed between two checks of the time limit. */
const pieceLength = 16 * 1024

/** The error for a page that exceeds one of the limits above. */
class TooMuch extends Error {}

/** Returns a parser. When the parser creates a control, it records the open form. In the HTML standard, this form is the "form element pointer". */
// The return type is inferred, because the adapter determines the types of the tree.
function parserOf() {
  let [elements, levels] = [0, 0]
  const createElement: typeof adapter.createElement = (...given) => {
    if (++elements > mostElements) throw new TooMuch('the page has more than 200,000 elements')
    const made = adapter.createElement(...given)
    if (parser.formElement && controls.has(made.name)) formOwners.set(made, parser.formElement)
    return made
  }
  const onItemPush = (): void => {
    if (++levels > mostLevels)
      throw new TooMuch(`the elements of the page are nested more than ${mostLevels} levels deep`)
  }
  const onItemPop = (): void => void levels--
  const parser = new Parser({ treeAdapter: { ...adapter, createElement, onItemPush, onItemPop } })
  return parser
}

/** Returns the parsed page. If the page exceeds one of the limits above, returns an error message instead. */
function parsed(text: string): Inner | string {
  const parser = parserOf()
  const untilMs = performance.now() + mostMs
  try {
    for (let at = 0; at === 0 || at < text.length; at += pieceLength) {
      if (performance.now() > untilMs) throw new TooMuch('the page takes longer than 10 s to parse')
      parser.tokenizer.write(text.slice(at, at + pieceLength), at + pieceLength >= text.length)
    }
  } catch (error) {
    if (error instanceof TooMuch) return error.message
    throw error
  }
  return parser.document
}

/** There is exactly one object for each node, so that elements can be compared with `===`. */
const elements = new WeakMap<Inner, Element>()

function elementOf(node: Inner): Element {
  const known = elements.get(node) ?? new Element(node)
  elements.set(node, known)
  return known
}

/** An element, or the page itself. The members have the same names as in browsers, except `formOwner`. */
class Element {
  readonly #node: Inner

  constructor(node: Inner) {
    this.#node = node
  }

  /** The tag name in upper case; '' for the page. */
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

  /**
   * The form to which the parser assigned a control. Null if the parser assigned no form, or if the node is not a control. The `form` attribute of
   * the control has no effect on this value.
   */
  get formOwner(): Element | null {
    const owner = formOwners.get(this.#node)
    return owner ? elementOf(owner) : null
  }

  getAttribute(name: string): string | undefined {
    return adapter.isElementNode(this.#node) ? this.#node.attribs[name] : undefined
  }

  querySelector(selector: string): Element | null {
    const found = selected(selector, () => selectOne(selector, this.#node.children))
    return found && elementOf(found as Inner)
  }

  querySelectorAll(selector: string): Element[] {
    const found = selected(selector, () => selectAll(selector, this.#node.children))
    return found.map((one) => elementOf(one as Inner))
  }
}

/** @throws Error when the selector is not valid */
function selected<T>(selector: string, select: () => T): T {
  if (typeof selector !== 'string') throw new TypeError(`a CSS selector is a string, not ${typeof selector}`)
  if (selector.trim() === '') throw new Error(`'${selector}' is not a CSS selector: it is empty`)
  try {
    return select()
  } catch (error) {
    throw new Error(`'${selector.slice(0, 100)}' is not a CSS selector: ${(error as Error).message}`, { cause: error })
  }
}
