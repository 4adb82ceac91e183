import type { Found } from '../requests/request.ts'
import { member, object, self, str } from '../scenario/code.ts'
import { jsonAssertion, responseAssertion } from './assertions.ts'
import { type Plan, todoFor } from './plan.ts'
import { constantText, numberIn } from './texts.ts'
import { type After, isPattern, jsonPath } from './patterns.ts'
import { type Element, textOf } from './xml.ts'

/** Translates the extractors and assertions of a sampler. */
export function afterSampler(plan: Plan, elements: readonly Element[], comments: string[]): After {
  const after: After = { expect: [], expectations: [], extractions: [] }
  for (const element of elements) {
    const read = Object.hasOwn(readers, element.name) ? readers[element.name] : undefined
    if (!read || read(plan, element, after) || plan.told.has(element)) continue
    plan.told.add(element)
    comments.push(todoFor(plan, element, reasonFor(element)))
  }
  return after
}

/** The comment about a script contains the script, because later elements use the variables of the script. */
function reasonFor(element: Element): string {
  if (element.name === 'UserParameters') return 'all users have the first of these values'
  const script = textOf(element, 'script').replaceAll(/\s+/g, ' ')
  return script === '' ? 'this has no counterpart' : `this script has no counterpart: ${script.slice(0, 400)}`
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
  XPathExtractor: () => false,
  XPath2Extractor: () => false,
  JMESPathExtractor: () => false,
  SizeAssertion: () => false,
  XPathAssertion: () => false,
  BeanShellAssertion: () => false,
  BeanShellPostProcessor: () => false,
  BeanShellPreProcessor: () => false,
  JSR223Assertion: () => false,
  JSR223PostProcessor: () => false,
  JSR223PreProcessor: () => false,
  UserParameters: () => false,
}

function extract(plan: Plan, name: string, found: Found, after: After): boolean {
  const field = plan.fields.get(name)
  if (field === undefined) return false
  after.extractions.push({ to: member(self, field), found })
  return true
}

/** Returns the pattern, and the group that the template `$1$` selects. */
function regexExtractor(plan: Plan, element: Element, after: After): boolean {
  const name = textOf(element, 'RegexExtractor.refname')
  const pattern = constantText(plan, textOf(element, 'RegexExtractor.regex'))
  const [, group] = /^\$(\d)\$$/.exec(textOf(element, 'RegexExtractor.template') || '$1$') ?? []
  const part = textOf(element, 'RegexExtractor.useHeaders')
  if (group === undefined || !isFirst(textOf(element, 'RegexExtractor.match_number')) || !isPattern(pattern))
    return false
  const only = withGroup(pattern, Number(group))
  if (!['', 'false', 'body'].includes(part) || only === null) return false
  return extract(plan, name, { match: only }, after)
}

/** Returns true if JMeter's match number selects the first match or a random match. */
function isFirst(text: string): boolean {
  return ['', '0', '1'].includes(text)
}

/**
 * Returns the pattern with only one capturing group, because burst extracts the first group; null if the pattern contains references to its groups.
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
    const isGroup = one === '(' && !isClass && pattern.charAt(at + 1) !== '?'
    found += isGroup && ++count !== wanted ? '(?:' : one
  }
  return count < wanted && wanted > 1 ? null : found
}

function boundaryExtractor(plan: Plan, element: Element, after: After): boolean {
  const name = textOf(element, 'BoundaryExtractor.refname')
  const left = constantText(plan, textOf(element, 'BoundaryExtractor.lboundary'))
  const right = constantText(plan, textOf(element, 'BoundaryExtractor.rboundary'))
  if (!isFirst(textOf(element, 'BoundaryExtractor.match_number'))) return false
  return left !== '' && extract(plan, name, { match: `${escaped(left)}(.*?)${escaped(right) || '$'}` }, after)
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, (one) => `\\${one}`)
}

function jsonExtractor(plan: Plan, element: Element, after: After): boolean {
  const names = textOf(element, 'JSONPostProcessor.referenceNames').split(';')
  const paths = textOf(element, 'JSONPostProcessor.jsonPathExprs').split(';')
  if (
    !textOf(element, 'JSONPostProcessor.match_numbers')
      .split(';')
      .every((one) => isFirst(one.trim()))
  )
    return false
  return names.every((name, index) => {
    const path = jsonPath((paths[index] ?? '').trim())
    return path !== null && extract(plan, name.trim(), { json: path }, after)
  })
}

/** Returns a CSS selector, and the attribute to read from the element; without an attribute, the element's text is read. */
function htmlExtractor(plan: Plan, element: Element, after: After): boolean {
  const css = constantText(plan, textOf(element, 'HtmlExtractor.expr')).trim()
  if (css === '' || !isFirst(textOf(element, 'HtmlExtractor.match_number'))) return false
  const attribute = textOf(element, 'HtmlExtractor.attribute')
  const otherwise = constantText(plan, textOf(element, 'HtmlExtractor.default'))
  return extract(plan, textOf(element, 'HtmlExtractor.refname'), { css, attribute, otherwise }, after)
}
