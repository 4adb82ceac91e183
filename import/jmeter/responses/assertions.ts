import {
  type Expr,
  arrow,
  at,
  binary,
  call,
  id,
  member,
  method,
  not,
  num,
  object,
  snippet,
  str,
} from '../../scenario/code.ts'
import { type After, isPattern, jsonPath } from './patterns.ts'
import type { Plan } from '../plan.ts'
import { constantText, numberIn } from '../texts.ts'
import { type Element, itemsOf, textOf } from '../xml.ts'

const forms = { matches: 1, not: 4, equals: 8, substring: 16, or: 32 }
const response = id('response')

interface Assertion {
  texts: readonly string[]
  /** How the assertion compares strings. */
  form: 'equals' | 'substring' | 'matches' | 'contains'
  isNegated: boolean
  /** `true` if it is enough that one of the strings matches. */
  isAny: boolean
  message: string
}

/** Translates a response assertion. Returns false if the assertion has no counterpart. */
export function responseAssertion(plan: Plan, element: Element, after: After): boolean {
  const field = textOf(element, 'Assertion.test_field')
  const type = numberIn(plan, textOf(element, 'Assertion.test_type')) ?? forms.substring
  const texts = itemsOf(element, 'Asserion.test_strings').map(({ text }) => constantText(plan, text))
  if (texts.length === 0) return true
  const given: Assertion = {
    texts,
    form: formOf(type),
    isNegated: (type & forms.not) !== 0,
    isAny: (type & forms.or) !== 0,
    message: constantText(plan, textOf(element, 'Assertion.custom_message')),
  }
  const isPlain = given.form === 'equals' || given.form === 'substring'
  if (!isPlain && !texts.every(isPattern)) return false
  if (field === 'Assertion.response_code') return ofStatus(given, after)
  if (field === 'Assertion.response_data') return ofBody(given, after)
  if (field !== 'Assertion.response_headers') return false
  after.expectations.push([holding(given, call(snippet('headerLines'), response)), ...messageOf(given)])
  return true
}

function formOf(type: number): Assertion['form'] {
  if ((type & forms.equals) !== 0) return 'equals'
  if ((type & forms.substring) !== 0) return 'substring'
  return (type & forms.matches) !== 0 ? 'matches' : 'contains'
}

/** Translates an assertion about the status. The strings of the assertion are numbers or patterns such as `2..`. */
function ofStatus(given: Assertion, after: After): boolean {
  const numbers = given.texts.flatMap((text) => text.trim().split('|')).map(Number)
  const areStatuses = numbers.every((status) => Number.isInteger(status) && status >= 100 && status <= 599)
  if (areStatuses && !given.isNegated) {
    after.expect.push(...numbers)
    return true
  }
  if (!areStatuses && (given.form === 'equals' || given.form === 'substring')) return false
  const status = member(response, 'status')
  const [only] = numbers
  const isOne = areStatuses && numbers.length === 1 && only !== undefined
  const test = isOne ? binary(status, '!==', num(only)) : undefined
  after.expectations.push([
    test ? arrow(['response'], test) : holding(given, call(id('String'), status)),
    ...messageOf(given),
  ])
  return true
}

function ofBody(given: Assertion, after: After): boolean {
  const { texts, form, isNegated, isAny } = given
  const isSimple = !isNegated && (!isAny || texts.length === 1) && (form === 'substring' || form === 'contains')
  if (!isSimple) {
    after.expectations.push([holding(given, member(response, 'body')), ...messageOf(given)])
    return true
  }
  for (const text of texts) {
    const body: Expr = form === 'substring' ? str(text) : { k: 'regex', source: text, flags: '' }
    after.expectations.push([object([{ key: 'body', value: body }])])
  }
  return true
}

function messageOf({ message }: Assertion): Expr[] {
  return message === '' ? [] : [str(message)]
}

/**
 * Returns a function that receives the response and tests `value` with each string of the assertion. If `isAny` is true, one passed test is enough;
 * otherwise, all tests must pass.
 */
function holding({ texts, form, isNegated, isAny }: Assertion, value: Expr): Expr {
  const tests = texts.map((text) => testOf(form, text, value)).map((test) => (isNegated ? not(test) : test))
  return arrow(
    ['response'],
    tests.reduce((all, one) => binary(all, isAny ? '||' : '&&', one)),
  )
}

function testOf(form: Assertion['form'], text: string, value: Expr): Expr {
  if (form === 'equals') return binary(value, '===', str(text))
  if (form === 'substring') return method(value, 'includes', str(text))
  const source = form === 'matches' ? `^(?:${text})$` : text
  return method({ k: 'regex', source, flags: '' }, 'test', value)
}

/**
 * Translates a JSON assertion: the value at a path exists, equals a value, or matches a pattern. Returns false if the assertion has no counterpart.
 */
export function jsonAssertion(plan: Plan, element: Element, after: After): boolean {
  const path = jsonPath(constantText(plan, textOf(element, 'JSON_PATH')).trim())
  if (!path) return false
  const expected = constantText(plan, textOf(element, 'EXPECTED_VALUE'))
  const isRegex = textOf(element, 'ISREGEX') !== 'false'
  const value = path.reduce<Expr>(
    (found, key) => at(found, typeof key === 'string' ? str(key) : num(key ?? 0)),
    method(response, 'json'),
  )
  if (isRegex && !isPattern(expected) && textOf(element, 'JSONVALIDATION') === 'true') return false
  const test = jsonTest(element, value, { expected, isRegex })
  after.expectations.push([arrow(['response'], textOf(element, 'INVERT') === 'true' ? not(test) : test)])
  return true
}

function jsonTest(element: Element, value: Expr, { expected, isRegex }: { expected: string; isRegex: boolean }): Expr {
  if (textOf(element, 'EXPECT_NULL') === 'true') return binary(value, '===', { k: 'null' })
  if (textOf(element, 'JSONVALIDATION') !== 'true') return binary(value, '!==', { k: 'undefined' })
  const text = call(id('String'), value)
  if (!isRegex) return binary(text, '===', str(expected))
  return method({ k: 'regex', source: `^(?:${expected})$`, flags: '' }, 'test', text)
}
