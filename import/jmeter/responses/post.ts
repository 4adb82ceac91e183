import type { Found } from '../../requests/request.ts'
import { member, object, self, str } from '../../scenario/code.ts'
import { jsonAssertion, responseAssertion } from './assertions.ts'
import { type Plan, todoFor } from '../plan.ts'
import { isScript } from '../scripts/script.ts'
import { type Match, matchOf, readsFirst } from './matches.ts'
import { foundByXPath } from './xpath.ts'
import { type After, isPattern, jsonPath } from './patterns.ts'
import { constantText, numberIn } from '../texts.ts'
import { type Element, textOf } from '../xml.ts'

/** Translates the extractors and assertions of a sampler. */
export function afterSampler(plan: Plan, elements: readonly Element[], comments: string[]): After {
  const after: After = { expect: [], expectations: [], extractions: [] }
  for (const element of elements) {
    const read = Object.hasOwn(readers, element.name) ? readers[element.name] : undefined
    if (!read || isScript(element) || read(plan, element, after) || plan.told.has(element)) continue
    plan.told.add(element)
    comments.push(todoFor(plan, element, reasonFor(element)))
  }
  return after
}

/**
 * Returns the reason that a TODO comment gives. For a script, the reason contains the first 400 characters of the script, because later elements may
 * use the variables of the script.
 */
function reasonFor(element: Element): string {
  const path = xpathOf(element)
  if (path !== '') return `read this XPath from the response: ${path}`
  const script = textOf(element, 'script').replaceAll(/\s+/g, ' ')
  return script === '' ? 'this element has no counterpart' : `this script has no counterpart: ${script.slice(0, 400)}`
}

type Reader = (plan: Plan, element: Element, after: After) => boolean

const readers: Readonly<Record<string, Reader>> = {
  RegexExtractor: regexExtractor,
  BoundaryExtractor: boundaryExtractor,
  JSONPostProcessor: jsonExtractor,
  HtmlExtractor: htmlExtractor,
  ResponseAssertion: responseAssertion,
  JSONPathAssertion: jsonAssertion,
  DurationAssertion(plan, element, after) {
    const ms = numberIn(plan, textOf(element, 'DurationAssertion.duration'))
    if (ms === null || ms <= 0) return false
    after.expectations.push([object([{ key: 'under', value: str(`${ms}ms`) }])])
    return true
  },
  XPathExtractor: xpathExtractor,
  XPath2Extractor: xpathExtractor,
  JMESPathExtractor: jmesExtractor,
  SizeAssertion: () => false,
  XPathAssertion: () => false,
  BeanShellAssertion: () => false,
  BeanShellPostProcessor: () => false,
  BeanShellPreProcessor: () => false,
  JSR223Assertion: () => false,
  JSR223PostProcessor: () => false,
  JSR223PreProcessor: () => false,
}

/** Adds an extraction. Returns false if the scenario cannot read the match that the plan reads. */
function extract(
  plan: Plan,
  name: string,
  { found, which }: { found: Found; which: Match | null },
  after: After,
): boolean {
  const field = (which === 'all' ? plan.lists : plan.fields).get(name)
  if (field === undefined || which === null) return false
  after.extractions.push({ to: member(self, field), found, ...(which !== 0 && { which }) })
  return true
}

/**
 * Returns the match that an extractor reads from text. If the plan reads a random match, the scenario reads the first match instead, because a text
 * usually contains only one match.
 */
function matchInText(element: Element): Match | null {
  const which = matchOf(element)
  return which === 'random' ? 0 : which
}

/**
 * Translates a Regular Expression Extractor. Its template, such as `$1$`, selects a group of the pattern. Returns false if the extractor has no
 * counterpart.
 */
function regexExtractor(plan: Plan, element: Element, after: After): boolean {
  const name = textOf(element, 'RegexExtractor.refname')
  const pattern = constantText(plan, textOf(element, 'RegexExtractor.regex'))
  const [, group] = /^\$(\d)\$$/.exec(textOf(element, 'RegexExtractor.template') || '$1$') ?? []
  const part = textOf(element, 'RegexExtractor.useHeaders')
  if (group === undefined || !isPattern(pattern)) return false
  const only = withGroup(pattern, Number(group))
  if (!['', 'false', 'body'].includes(part) || only === null) return false
  const otherwise = constantText(plan, textOf(element, 'RegexExtractor.default'))
  return extract(plan, name, { found: { match: only, otherwise }, which: matchInText(element) }, after)
}

/**
 * Returns the pattern with the wanted group as its only capturing group, because burst extracts the first group. Returns null if the pattern contains
 * references to groups. Also returns null if `wanted` is greater than 1 and the pattern has fewer than `wanted` groups.
 */
function withGroup(pattern: string, wanted: number): string | null {
  let [found, count, isClass] = ['', 0, false]
  for (let at = 0; at < pattern.length; at++) {
    const one = pattern.charAt(at)
    if (one === '\\') {
      if (/[1-9k]/.test(pattern.charAt(at + 1))) return null
      found += one + pattern.charAt(++at)
      continue
    }
    if (one === '[') isClass = true
    if (one === ']') isClass = false
    const name = groupName(pattern.slice(at + 1))
    const isGroup = one === '(' && !isClass && (name !== '' || pattern.charAt(at + 1) !== '?')
    const isLeftOut = isGroup && ++count !== wanted
    if (isLeftOut) at += name.length
    found += isLeftOut ? '(?:' : one
  }
  return count < wanted && wanted > 1 ? null : found
}

/**
 * Returns the name at the beginning of a group, such as `?<id>`; an empty string for a group without a name. `rest` begins after the opening
 * parenthesis. A group with a name also has a number.
 */
function groupName(rest: string): string {
  return /^\?<[A-Za-z]\w*>/.exec(rest)?.[0] ?? ''
}

function boundaryExtractor(plan: Plan, element: Element, after: After): boolean {
  const name = textOf(element, 'BoundaryExtractor.refname')
  const left = constantText(plan, textOf(element, 'BoundaryExtractor.lboundary'))
  const right = constantText(plan, textOf(element, 'BoundaryExtractor.rboundary'))
  const otherwise = constantText(plan, textOf(element, 'BoundaryExtractor.default'))
  const found = { match: `${escaped(left)}(.*?)${escaped(right) || '$'}`, otherwise }
  return left !== '' && extract(plan, name, { found, which: matchInText(element) }, after)
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, (one) => `\\${one}`)
}

function jsonExtractor(plan: Plan, element: Element, after: After): boolean {
  const names = textOf(element, 'JSONPostProcessor.referenceNames').split(';')
  const paths = textOf(element, 'JSONPostProcessor.jsonPathExprs').split(';')
  const defaults = textOf(element, 'JSONPostProcessor.defaultValues').split(';')
  return names.every((name, index) => {
    const path = jsonPath((paths[index] ?? '').trim())
    const given = { otherwise: constantText(plan, (defaults[index] ?? '').trim()), which: matchOf(element, index) }
    return path !== null && jsonExtraction(plan, name.trim(), { ...given, path }, after)
  })
}

/** Translates a JMESPath extractor. Its path `items[0].id` means the same as the JSON path `$.items[0].id`. */
function jmesExtractor(plan: Plan, element: Element, after: After): boolean {
  const path = jsonPath(`$.${textOf(element, 'JMESExtractor.jmesPathExpr')}`)
  const otherwise = constantText(plan, textOf(element, 'JMESExtractor.defaultValue'))
  const name = textOf(element, 'JMESExtractor.referenceName')
  return path !== null && jsonExtraction(plan, name, { path, otherwise, which: matchOf(element) }, after)
}

interface JsonPlace {
  path: (string | number | null)[]
  otherwise: string
  which: Match | null
}

/** Translates the extraction of a value at a JSON path. A path without `[*]` has a single match, unless the path leads to a list. */
function jsonExtraction(plan: Plan, name: string, { path, otherwise, which }: JsonPlace, after: After): boolean {
  const isOne = which !== 'all' && !path.includes(null)
  return extract(plan, name, { found: { json: path, otherwise }, which: isOne && which !== null ? 0 : which }, after)
}

/**
 * Translates a CSS Selector Extractor. Such an extractor reads an attribute of an element. If the extractor does not name an attribute, it reads the
 * text of the element. Returns false if the extractor has no counterpart.
 */
function htmlExtractor(plan: Plan, element: Element, after: After): boolean {
  const css = constantText(plan, textOf(element, 'HtmlExtractor.expr')).trim()
  if (css === '') return false
  const attribute = textOf(element, 'HtmlExtractor.attribute')
  const otherwise = constantText(plan, textOf(element, 'HtmlExtractor.default'))
  const found = { css, attribute, otherwise }
  return extract(plan, textOf(element, 'HtmlExtractor.refname'), { found, which: matchInText(element) }, after)
}

function prefixOf({ name }: Element): string {
  return name === 'XPath2Extractor' ? 'XPathExtractor2' : 'XPathExtractor'
}

function xpathOf(element: Element): string {
  return textOf(element, `${prefixOf(element)}.xpathQuery`)
}

function xpathExtractor(plan: Plan, element: Element, after: After): boolean {
  const prefix = prefixOf(element)
  const found = foundByXPath(xpathOf(element), constantText(plan, textOf(element, `${prefix}.default`)))
  const name = textOf(element, `${prefix}.refname`)
  const isWhole = textOf(element, `${prefix}.fragment`) === 'true'
  if (!found || isWhole) return false
  const which = readsFirst(plan, element, name) && matchOf(element) === 'all' ? 0 : matchInText(element)
  return extract(plan, name, { found, which }, after)
}
