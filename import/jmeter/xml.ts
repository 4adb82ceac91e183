import { SaxesParser } from 'saxes'
import { invalidInput } from '../../core/errors.ts'

const mostCharacters = 32 * 1024 * 1024
const mostLevels = 200
const mostElements = 200_000

/** An XML element of the plan. */
export interface Element {
  name: string
  attributes: Readonly<Record<string, string>>
  children: Element[]
  text: string
  line: number
  /** The included file that contains the element; absent for elements of the plan itself. */
  file?: string
}

/**
 * Parses XML. Replaces only character references and the five predefined entities of XML.
 * @throws BurstError (104) when the text is not XML, has a DOCTYPE, or is too large or nested too deeply
 */
export function readXml(file: string, text: string): Element {
  if (text.length > mostCharacters) throw invalidInput(`${file} is larger than 32 MiB`, { hint: 'import a part of it' })
  const parser = new SaxesParser()
  const root: Element = { name: '', attributes: {}, children: [], text: '', line: 1 }
  const open = [root]
  let count = 0
  const refused = (what: string): Error => invalidInput(what, { at: `${file}:${parser.line}` })
  parser.on('error', (cause) => {
    throw refused(`${file} is not XML: ${cause.message.replace(/^\d+:\d+: /, '').slice(0, 120)}`)
  })
  parser.on('doctype', () => {
    throw refused(`${file} has a DOCTYPE, which JMeter plans do not have`)
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length > mostLevels) throw refused(`${file} is nested more than ${mostLevels} levels deep`)
    if (++count > mostElements) throw refused(`${file} has more than ${mostElements} elements`)
    const element = { name, attributes, children: [], text: '', line: parser.line }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  const add = (piece: string): void => {
    const last = open.at(-1)
    if (last) last.text += piece
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => void open.pop())
  parser.write(text).close()
  return root
}

/** Returns the property with this name; undefined if the element does not have it. */
export function property(element: Element, name: string): Element | undefined {
  return element.children.find((one) => one.attributes['name'] === name)
}

/** Returns the text of a property; an empty string if the element does not have the property. */
export function textOf(element: Element, name: string): string {
  return property(element, name)?.text.trim() ?? ''
}

/**
 * Returns the items of a property that is a collection. Leaves out items that are empty strings. `path` names the property and the properties inside
 * it.
 */
export function itemsOf(element: Element, ...path: readonly string[]): Element[] {
  const found = path.reduce<Element | undefined>((one, name) => one && property(one, name), element)
  return found?.children.filter((one) => one.name !== 'stringProp' || one.text !== '') ?? []
}

/** An element of the tree and the elements below it. */
export interface Branch {
  element: Element
  below: Branch[]
}

/** Returns the elements of a `hashTree`, each with the `hashTree` that follows it. Disabled elements are left out. */
export function branchesOf(tree: Element | undefined): Branch[] {
  const found: Branch[] = []
  for (const [index, element] of (tree?.children ?? []).entries()) {
    if (element.name === 'hashTree') continue
    const next = tree?.children[index + 1]
    if (element.attributes['enabled'] === 'false') continue
    found.push({ element, below: next?.name === 'hashTree' ? branchesOf(next) : [] })
  }
  return found
}

/** Returns the elements of a tree, in their order. */
export function flattened(branches: readonly Branch[]): Element[] {
  return branches.flatMap(({ element, below }) => [element, ...flattened(below)])
}
