import type { Extraction, Found } from '../requests/request.ts'
import { type Expr, member, object, self, str } from '../scenario/code.ts'
import { type Plan, todoFor } from './plan.ts'
import { constantText, numberIn } from './texts.ts'
import { type Element, itemsOf, textOf } from './xml.ts'

interface After {
  expect: number[]
  expectations: Expr[]
  extractions: Extraction[]
}

/** Translates the extractors and assertions of a sampler. */
export function afterSampler(plan: Plan, elements: readonly Element[], comments: string[]): After {
  const after: After = { expect: [], expectations: [], extractions: [] }
  for (const element of elements) {
    const read = Object.hasOwn(readers, element.name) ? readers[element.name] : undefined
    if (read && !read(plan, element, after)) comments.push(todoFor(plan, element, 'this has no counterpart'))
  }
  return after
}

type Reader = (plan: Plan, element: Element, after: After) => boolean

const readers: Readonly<Record<string, Reader>> = {
  RegexExtractor: regexExtractor,
  BoundaryExtractor: boundaryExtractor,
  JSONPostProcessor: jsonExtractor,
  ResponseAssertion: responseAssertion,
  DurationAssertion(plan, element, after) {
    const ms = numberIn(plan, textOf(element, 'DurationAssertion.duration'))
    if (ms === null || ms <= 0) return false
    after.expectations.push(object([{ key: 'under', value: str(`${ms}ms`) }]))
    return true
  },
  JSONPathAssertion: () => false,
  XPathExtractor: () => false,
  XPath2Extractor: () => false,
  HtmlExtractor: () => false,
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

/** The pattern, and the group that the template `$1$` selects. */
function regexExtractor(plan: Plan, element: Element, after: After): boolean {
  const name = textOf(element, 'RegexExtractor.refname')
  const pattern = constantText(plan, textOf(element, 'RegexExtractor.regex'))
  const template = textOf(element, 'RegexExtractor.template')
  const part = textOf(element, 'RegexExtractor.useHeaders')
  if (!['', '$1$', '$0$'].includes(template) || !['', 'false', 'body'].includes(part) || !isPattern(pattern))
    return false
  return extract(plan, name, { match: pattern }, after)
}

function isPattern(pattern: string): boolean {
  if (pattern === '' || pattern.length > 10_000) return false
  try {
    return new RegExp(pattern).source !== ''
  } catch {
    // Some patterns of Java are not valid in JavaScript. The caller then writes a comment.
    return false
  }
}

function boundaryExtractor(plan: Plan, element: Element, after: After): boolean {
  const name = textOf(element, 'BoundaryExtractor.refname')
  const left = constantText(plan, textOf(element, 'BoundaryExtractor.lboundary'))
  const right = constantText(plan, textOf(element, 'BoundaryExtractor.rboundary'))
  return left !== '' && extract(plan, name, { match: `${escaped(left)}(.*?)${escaped(right) || '$'}` }, after)
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, (one) => `\\${one}`)
}

/** `$.data.items[0].id` */
function jsonExtractor(plan: Plan, element: Element, after: After): boolean {
  const names = textOf(element, 'JSONPostProcessor.referenceNames').split(';')
  const paths = textOf(element, 'JSONPostProcessor.jsonPathExprs').split(';')
  return names.every((name, index) => {
    const path = jsonPath((paths[index] ?? '').trim())
    return path !== null && extract(plan, name.trim(), { json: path }, after)
  })
}

function jsonPath(text: string): (string | number)[] | null {
  if (!/^\$(?:\.[\w-]+|\[\d+\]|\['[^'\]]+'\])*$/.test(text)) return null
  return [...text.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^'\]]+)'\]/g)].map(([, name, index, quoted]) =>
    index === undefined ? (name ?? quoted ?? '') : Number(index),
  )
}

const forms = { matches: 1, contains: 2, not: 4, equals: 8, substring: 16 }

// oxlint-disable-next-line complexity -- one condition for each kind of assertion
function responseAssertion(plan: Plan, element: Element, after: After): boolean {
  const field = textOf(element, 'Assertion.test_field')
  const type = numberIn(plan, textOf(element, 'Assertion.test_type')) ?? forms.substring
  const texts = itemsOf(element, 'Asserion.test_strings').map(({ text }) => constantText(plan, text))
  if (texts.length === 0) return true
  if ((type & forms.not) !== 0) return false
  if (field === 'Assertion.response_code') {
    const statuses = texts.map(Number)
    if (!statuses.every((status) => Number.isInteger(status) && status >= 100 && status <= 599)) return false
    after.expect.push(...statuses)
    return true
  }
  if (field !== 'Assertion.response_data') return false
  const isPlain = (type & (forms.substring | forms.equals)) !== 0
  if (!isPlain && !texts.every(isPattern)) return false
  for (const text of texts)
    after.expectations.push(
      object([{ key: 'body', value: isPlain ? str(text) : { k: 'regex', source: text, flags: '' } }]),
    )
  return true
}
